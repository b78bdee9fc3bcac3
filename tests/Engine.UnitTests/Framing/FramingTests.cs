using System.Buffers;
using System.Text;
using Microsoft.IO;
using RawEcho.Engine.Framing;

namespace RawEcho.Engine.UnitTests.Framing;

/// <summary>Every framing finds its messages wherever the bytes were cut, and nothing that is none.</summary>
public sealed class FramingTests
{
    private static readonly RecyclableMemoryStreamManager Manager = new();

    public static TheoryData<string> Framings =>
        ["1", "2", "4", "1le", "2le", "4le", "1self", "2self", "4selfle", "lf", "crlf", "--", "aab", "0"];

    [Theory]
    [MemberData(nameof(Framings))]
    public void What_was_encoded_is_decoded_wherever_it_is_cut(string name)
    {
        MessageFraming framing = Make(name);
        string[] messages = ["", "a", "aa", "x\r", "hello", "", "a-a\ra-b", new string('q', 250), "end"];
        messages = [.. messages.Where(m => CanSend(framing, m))];
        byte[] wire = Encode(framing, messages);
        for (int cut = 0; cut <= wire.Length; cut++) Assert.Equal(messages, Decode(framing, [wire[..cut], wire[cut..]]));
        Assert.Equal(messages, Decode(framing, wire.Select(b => new[] { b })));
    }

    [Theory]
    [MemberData(nameof(Framings))]
    public void Random_messages_survive_random_cuts(string name)
    {
        MessageFraming framing = Make(name);
        var random = new Random(name.GetHashCode(StringComparison.Ordinal));
        for (int round = 0; round < 300; round++)
        {
            // Few letters, so that delimiters almost begin all the time.
            string[] messages =
                [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => Letters(random, random.Next(40))).Where(m => CanSend(framing, m))];
            byte[] wire = Encode(framing, messages);
            var parts = new List<byte[]>();
            for (int start = 0; start < wire.Length;)
            {
                int length = random.Next(1, Math.Min(9, wire.Length - start) + 1);
                parts.Add(wire[start..(start + length)]);
                start += length;
            }

            Assert.Equal(messages, Decode(framing, parts));
        }
    }

    [Fact]
    public void Random_bytes_are_messages_or_one_kind_of_exception()
    {
        var random = new Random(5);
        foreach (string name in Framings)
        {
            for (int round = 0; round < 200; round++)
            {
                byte[] wire = new byte[random.Next(200)];
                random.NextBytes(wire);
                try
                {
                    Decode(Make(name), [wire], maxBytes: 100);
                }
                catch (MessageException e)
                {
                    Assert.True(e.Reason is CloseReason.MessageTooLarge or CloseReason.BadMessage);
                }
            }
        }
    }

    [Theory]
    [InlineData("1", new byte[] { 3, (byte)'a', (byte)'b', (byte)'c' })]
    [InlineData("2", new byte[] { 0, 3, (byte)'a', (byte)'b', (byte)'c' })]
    [InlineData("2le", new byte[] { 3, 0, (byte)'a', (byte)'b', (byte)'c' })]
    [InlineData("4", new byte[] { 0, 0, 0, 3, (byte)'a', (byte)'b', (byte)'c' })]
    [InlineData("4selfle", new byte[] { 7, 0, 0, 0, (byte)'a', (byte)'b', (byte)'c' })]
    [InlineData("1self", new byte[] { 4, (byte)'a', (byte)'b', (byte)'c' })]
    [InlineData("lf", new byte[] { (byte)'a', (byte)'b', (byte)'c', 10 })]
    [InlineData("crlf", new byte[] { (byte)'a', (byte)'b', (byte)'c', 13, 10 })]
    [InlineData("aab", new byte[] { (byte)'a', (byte)'b', (byte)'c', (byte)'a', (byte)'a', (byte)'b' })]
    public void The_wire_looks_as_the_protocol_says(string name, byte[] wire)
    {
        Assert.Equal(wire, Encode(Make(name), ["abc"]));
        Assert.Equal(["abc"], Decode(Make(name), [wire]));
    }

    [Theory]
    [InlineData("a\nb\r\n\r\n\n", new[] { "a", "b", "", "" })]
    [InlineData("\r\r\n", new[] { "\r" })]
    [InlineData("a\rb\r\n", new[] { "a\rb" })]
    public void Lines_end_with_lf_or_crlf(string wire, string[] lines)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(wire);
        Assert.Equal(lines, Decode(LineFraming.WithLf, [bytes]));
        Assert.Equal(lines, Decode(LineFraming.WithLf, bytes.Select(b => new[] { b })));
    }

    [Fact]
    public void Too_large_a_message_is_refused_before_it_is_stored()
    {
        var content = new MessageContent(maxBytes: 10) { Stream = Manager.GetStream() };
        ReadOnlySpan<byte> wire = [0, 0, 0, 11, 1, 2, 3];
        MessageDecoder decoder = new LengthPrefixedFraming(4).CreateDecoder();
        Assert.Equal(CloseReason.MessageTooLarge, ThrowsOn(decoder, wire, content).Reason);
        Assert.Equal(0, content.Length);

        MessageException e = ThrowsOn(LineFraming.WithLf.CreateDecoder(), "12345678901\n"u8, content);
        Assert.Equal("A message of more than 10 bytes.", e.Message);
        Assert.Equal(0, content.Length);

        // Just as large as allowed: what ends it does not count.
        Assert.Equal(["1234567890"], Decode(LineFraming.WithCrLf, "1234567890\r\n"u8.ToArray().Select(b => new[] { b }), maxBytes: 10));
        Assert.Equal(["1234567890"], Decode(Make("--"), ["1234567890--"u8.ToArray()], maxBytes: 10));
    }

    [Fact]
    public void A_length_of_four_bytes_is_taken_for_what_it_is()
    {
        var content = new MessageContent(int.MaxValue);
        MessageException e = ThrowsOn(new LengthPrefixedFraming(4).CreateDecoder(), [255, 255, 255, 255], content);
        Assert.Equal("A message of 4294967295 bytes; 2147483647 are allowed.", e.Message);
    }

    [Theory]
    [InlineData("1self", new byte[] { 0 })]
    [InlineData("2self", new byte[] { 0, 1 })]
    [InlineData("4selfle", new byte[] { 3, 0, 0, 0 })]
    public void A_length_that_is_less_than_its_own_is_no_message(string name, byte[] wire) =>
        Assert.Equal(CloseReason.BadMessage, ThrowsOn(Make(name).CreateDecoder(), wire, new MessageContent(100)).Reason);

    [Theory]
    [InlineData("1", 256)]
    [InlineData("1self", 255)]
    [InlineData("2", 65_536)]
    [InlineData("2self", 65_534)]
    public void What_a_length_cannot_say_is_refused(string name, int bytes)
    {
        Assert.Throws<ArgumentException>(() => Encode(Make(name), [new string('x', bytes)]));
        Assert.NotEmpty(Encode(Make(name), [new string('x', bytes - 1)]));
    }

    [Theory]
    [InlineData("lf", "a\nb")]
    [InlineData("crlf", "a\r")]
    [InlineData("--", "a--b")]
    [InlineData("--", "a-")]
    [InlineData("aab", "aaab")]
    public void What_holds_the_delimiter_or_runs_into_it_is_refused(string name, string message) =>
        Assert.Throws<ArgumentException>(() => Encode(Make(name), [message]));

    // "xa" and "aab" make "xaaab", in which a search that does not step back finds nothing.
    [Fact]
    public void What_only_seems_to_run_into_the_delimiter_is_sent() =>
        Assert.Equal(["xa"], Decode(Make("aab"), [Encode(Make("aab"), ["xa"])]));

    [Fact]
    public void A_framing_that_cannot_be_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LengthPrefixedFraming(3));
        Assert.Throws<ArgumentException>(() => new DelimitedFraming([]));
    }

    private static MessageFraming Make(string name) => name switch
    {
        "lf" => LineFraming.WithLf,
        "crlf" => LineFraming.WithCrLf,
        "0" => new DelimitedFraming([0]),
        "--" or "aab" => new DelimitedFraming(Encoding.ASCII.GetBytes(name)),
        _ => new LengthPrefixedFraming(
            name[0] - '0', name.Contains("le", StringComparison.Ordinal), name.Contains("self", StringComparison.Ordinal)),
    };

    private static bool CanSend(MessageFraming framing, string message)
    {
        try
        {
            return Encode(framing, [message]).Length > 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static string Letters(Random random, int length) => string.Create(length, random, (text, r) =>
    {
        for (int i = 0; i < text.Length; i++) text[i] = "ab-\rx"[r.Next(5)];
    });

    private static byte[] Encode(MessageFraming framing, IEnumerable<string> messages)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (string message in messages) framing.Encode(new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(message)), output);
        return output.WrittenSpan.ToArray();
    }

    private static List<string> Decode(MessageFraming framing, IEnumerable<byte[]> parts, int maxBytes = 1000)
    {
        MessageDecoder decoder = framing.CreateDecoder();
        var content = new MessageContent(maxBytes) { Stream = Manager.GetStream() };
        var messages = new List<string>();
        foreach (byte[] part in parts)
        {
            ReadOnlySpan<byte> rest = part;
            while (decoder.TryDecode(ref rest, content))
            {
                messages.Add(Encoding.Latin1.GetString(content.Bytes));
                content.Stream.SetLength(0);
                Assert.False(decoder.IsInsideMessage);
                if (rest.IsEmpty) break;
            }

            Assert.True(rest.IsEmpty);
        }

        return messages;
    }

    private static MessageException ThrowsOn(MessageDecoder decoder, ReadOnlySpan<byte> wire, MessageContent content)
    {
        try
        {
            decoder.TryDecode(ref wire, content);
        }
        catch (MessageException e)
        {
            return e;
        }

        throw new Xunit.Sdk.XunitException("Nothing was thrown.");
    }
}
