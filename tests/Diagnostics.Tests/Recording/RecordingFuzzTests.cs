using System.Text;
using RawEcho.Charts.Rendering;
using RawEcho.Diagnostics.Recording;
using RawEcho.Diagnostics.Report;
using RawEcho.Testing;

namespace RawEcho.Diagnostics.Tests;

/// <summary>A good recording, damaged by a seed: it is read, or one sentence says why not; and what was read makes a page.</summary>
public sealed class RecordingFuzzTests : IDisposable
{
    private const int Rounds = 4000;

    private static readonly string[] Words =
    [
        "", "0", "-1", "1e999", "-1e308", "1e308", "1e-320", "NaN", "Infinity", "null", "true", "[]", "{}",
        "\"\"", "\"x\"", "99999999999999999999",
        "2147483648", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "\\ud800", "\u0000", "\u202E", "\uFFFD",
        ";", "; ", "=", "]=", "\"", "\n", "\r", ",", ",,",
    ];

    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("a.jsonl")]
    [InlineData("a.csv")]
    public void A_damaged_recording_is_read_or_refused_in_one_sentence(string name)
    {
        GoodRecording.Write(_folder[name]);
        string good = File.ReadAllText(_folder[name]);
        int read = 0, refused = 0;
        for (int seed = 0; seed < Rounds; seed++)
        {
            string text = Damage(good, new Random(seed));
            try
            {
                if (IsRead(text)) read++;
                else refused++;
            }
            catch (Exception e) when (e is not Xunit.Sdk.IAssertionException)
            {
                Assert.Fail($"Seed {seed}: {e}{Environment.NewLine}{text}");
            }
        }

        // Otherwise the damage is too great, or none.
        Assert.True(read > Rounds / 50, $"{read} of {Rounds} were read");
        Assert.True(refused > Rounds / 10, $"{refused} of {Rounds} were refused");
    }

    public void Dispose() => _folder.Dispose();

    private static bool IsRead(string text)
    {
        RecordingData recording;
        try
        {
            recording = RecordingReader.Read(new StringReader(text));
        }
        catch (RecordingFormatException)
        {
            return false;
        }

        bool hasSamples = recording.Samples.Any(s => recording.Processes.Any(p => p.Pid == s.Pid));
        if (hasSamples) Assert.NotEmpty(RecordingPage.Of(recording, "test", GoodRecording.Started).ToHtml());
        return true;
    }

    private static string Damage(string good, Random random)
    {
        var text = new StringBuilder(good);
        for (int i = random.Next(1, 4); i > 0 && text.Length > 0; i--)
        {
            int at = random.Next(text.Length);
            switch (random.Next(6))
            {
                case 0: text[at] = (char)random.Next(32, 127); break;
                case 1: text.Remove(at, Math.Min(random.Next(1, 40), text.Length - at)); break;
                case 2: text.Insert(at, Words[random.Next(Words.Length)]); break;
                case 3: text.Insert(at, good.AsSpan(random.Next(good.Length - 40), random.Next(1, 40))); break;
                case 4: ReplaceToken(text, at, Words[random.Next(Words.Length)]); break;
                default: RepeatToken(text, at); break;
            }
        }

        return text.ToString();
    }

    // A member or a field as a whole, so that what is around it is still good.
    private static void ReplaceToken(StringBuilder text, int at, string word)
    {
        (int start, int length) = TokenAt(text, at, ",:{}\n");
        text.Remove(start, length).Insert(start, word);
    }

    private static void RepeatToken(StringBuilder text, int at)
    {
        (int start, int length) = TokenAt(text, at, ",{}\n");
        text.Insert(start, text.ToString(start, length) + ",");
    }

    private static (int Start, int Length) TokenAt(StringBuilder text, int at, string ends)
    {
        int start = at, end = at;
        while (start > 0 && !ends.Contains(text[start - 1], StringComparison.Ordinal)) start--;
        while (end < text.Length && !ends.Contains(text[end], StringComparison.Ordinal)) end++;
        return (start, end - start);
    }
}
