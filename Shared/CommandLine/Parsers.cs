using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using RawEcho.Commands;

namespace RawEcho.CommandLine;

/// <summary>An address as a user writes it: host and port, the host not yet looked up.</summary>
/// <param name="Host">A DNS name or an IP address without brackets.</param>
/// <param name="Port">0 to 65,535.</param>
public readonly record struct HostPort(string Host, int Port)
{
    /// <inheritdoc/>
    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}

/// <summary>A value and how a user writes it, so that --help shows defaults in the words that the command line takes.</summary>
/// <param name="Value">The value.</param>
/// <param name="Text">How it is written.</param>
public readonly record struct Written<T>(T Value, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>Values that System.CommandLine does not know by itself.</summary>
public static class Parsers
{
    /// <summary>The port of rawecho-server, which an address without a port means.</summary>
    public const int EchoPort = 7443;

    /// <summary>Parses host:port, [IPv6]:port, or :port for localhost.</summary>
    public static bool TryHostPort(string text, out HostPort result) => TryHostPort(text, "localhost", null, out result);

    /// <summary>Parses the address of a server to connect to: host[:port], [IPv6][:port], or :port for localhost.</summary>
    /// <param name="text">The address.</param>
    /// <param name="defaultPort">The port where it names none.</param>
    /// <param name="result">Host and port; the port is not 0.</param>
    public static bool TryServer(string text, int defaultPort, out HostPort result) =>
        TryHostPort(text, "localhost", defaultPort, out result) && result.Port > 0;

    /// <summary>
    /// Parses an address to listen on: host:port, [IPv6]:port, or :port for all addresses of this machine, which is [::]:port.
    /// </summary>
    /// <param name="text">The address.</param>
    /// <param name="defaultPort">The port where it names none; null where one has to be named.</param>
    /// <param name="result">Host and port.</param>
    public static bool TryListenAddress(string text, int? defaultPort, out HostPort result) =>
        TryHostPort(text, "::", defaultPort, out result);

    /// <summary>Parses a time (<see cref="TimeText"/>; without a unit in seconds) from a millisecond to 24 days, or off.</summary>
    public static bool TryTime(string text, out TimeSpan result)
    {
        result = Timeout.InfiniteTimeSpan;
        if (text is "off" or "0") return true;
        const decimal nanosecondsPerTick = 100, least = 1e6m, most = 24m * 86400 * 1e9m;
        bool isTime = TimeText.TryParseOrSeconds(text, out decimal nanoseconds) && nanoseconds is >= least and <= most;
        if (isTime) result = TimeSpan.FromTicks((long)(nanoseconds / nanosecondsPerTick));
        return isTime;
    }

    /// <summary>Parses a time that cannot be off.</summary>
    public static bool TryPositiveTime(string text, out TimeSpan result) => TryTime(text, out result) && result > TimeSpan.Zero;

    /// <summary>Parses a whole number from 1.</summary>
    public static bool TryCount(string text, out long result) =>
        NumberText.TryWhole(text, out result) && result > 0;

    /// <summary>Parses 100, 1-100 or 1KiB-64KiB: the smallest and the largest size in bytes.</summary>
    public static bool TryRange(string text, out (int Min, int Max) result)
    {
        string[] ends = text.Split('-');
        result = default;
        if (ends.Length is < 1 or > 2) return false;
        if (!NumberText.TrySize(ends[0], out long min) || !NumberText.TrySize(ends[^1], out long max)) return false;
        if (min < 1 || max < min || max > int.MaxValue) return false;
        result = ((int)min, (int)max);
        return true;
    }

    /// <summary>An option whose default is shown as a user would write it.</summary>
    /// <param name="name">The option.</param>
    /// <param name="helpName">What stands for its value in --help.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="defaultText">Its default, as it would be written.</param>
    /// <param name="parse">Reads a value.</param>
    /// <param name="expected">What it takes, in words.</param>
    public static Option<Written<T>> Value<T>(
        string name, string helpName, string description, string defaultText, TryParse<T> parse, string expected) =>
        new(name)
        {
            Description = description,
            HelpName = helpName,
            DefaultValueFactory = _ => parse(defaultText, out T value)
                ? new(value, defaultText)
                : throw new ArgumentException($"{defaultText} is no {name}.", nameof(defaultText)),
            CustomParser = r => Parse(r, parse, out T value, expected) ? new(value, r.Tokens[^1].Value) : default,
        };

    /// <summary>An option for a time; see <see cref="TryTime"/>.</summary>
    public static Option<Written<TimeSpan>> Time(string name, string description, string defaultText) =>
        Value<TimeSpan>(name, "time", description, defaultText, TryTime, "a time such as 500ms, 10s, 1m30s or off");

    /// <summary>An option for a whole number in a range.</summary>
    public static Option<int> Number(string name, string description, int defaultValue, int min, int max) => new(name)
    {
        Description = description,
        HelpName = "number",
        DefaultValueFactory = _ => defaultValue,
        CustomParser = r =>
        {
            bool TryParse(string word, out int n) => TryNumber(word, min, max, out n);
            return Parse(r, TryParse, out int value, $"a whole number from {min} to {max}") ? value : default;
        },
    };

    /// <summary>An option for a whole number that may be switched off, which is 0.</summary>
    public static Option<Written<int>> Limit(string name, string description, string defaultText, int max)
    {
        bool TryParse(string word, out int limit) => TryLimit(word, max, out limit);
        return Value<int>(name, "number", description, defaultText, TryParse, $"a whole number from 1 to {max}, or off");
    }

    /// <summary>An option for a number of bytes that may be switched off, which is 0.</summary>
    public static Option<Written<int>> SizeLimit(string name, string description, string defaultText)
    {
        const int max = int.MaxValue;
        return Value<int>(name, "bytes", description, defaultText, TrySizeLimit, $"bytes such as 65536 or 64KiB, from 1 to {max}, or off");
    }

    /// <summary>An option for a path; an empty word is refused here, where the option can still be named.</summary>
    /// <param name="name">The option.</param>
    /// <param name="kind">What lies there: file or directory.</param>
    /// <param name="description">What it is for.</param>
    public static Option<string?> Path(string name, string kind, string description) => new(name)
    {
        Description = description,
        HelpName = kind,
        CustomParser = r => Parse(r, TryPath, out string path, $"the name of a {kind}") ? path : null,
    };

    /// <summary>An option for the name of a file.</summary>
    public static Option<string?> FileName(string name, string description) => Path(name, "file", description);

    /// <summary>Takes the one word given to an option, or says what it should have been.</summary>
    public static bool Parse<T>(ArgumentResult result, TryParse<T> parse, out T value, string expected)
    {
        string word = result.Tokens[^1].Value;
        if (parse(word, out value)) return true;
        string option = result.Parent is OptionResult o ? o.Option.Name : result.Argument.Name;
        result.AddError($"{option} takes {expected}, not '{word}'");
        return false;
    }

    /// <summary>Tells whether a word is a value.</summary>
    public delegate bool TryParse<T>(string word, out T value);

    private static bool TryHostPort(string text, string hostOfNone, int? portOfNone, out HostPort result)
    {
        result = default;
        // A number alone is meant as a port: whose host it is to be is not said. IPv6 needs its brackets: ::1:80 could be both.
        bool isHostAlone = text.EndsWith(']') || !(text.Contains(':') || text.All(char.IsAsciiDigit));
        if (isHostAlone && portOfNone is { } usual)
            text = string.Create(CultureInfo.InvariantCulture, $"{text}:{usual}");
        int colon = text.LastIndexOf(':');
        if (colon < 0
            || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            return false;
        string host = text[..colon];
        if (host.StartsWith('[') != host.EndsWith(']')) return false;
        if (host.StartsWith('[')) host = host[1..^1];
        else if (host.Contains(':')) return false;
        if (colon == 0) host = hostOfNone;
        if (host.Length == 0) return false;
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown) return false;
        result = new HostPort(host, port);
        return true;
    }

    private static bool TryLimit(string word, int max, out int value)
    {
        value = 0;
        return word == "off" || TryNumber(word, 1, max, out value);
    }

    private static bool TrySizeLimit(string word, out int value)
    {
        bool isSize = NumberText.TrySize(word, out long bytes) && bytes is >= 1 and <= int.MaxValue;
        value = isSize ? (int)bytes : 0;
        return isSize || word == "off";
    }

    private static bool TryPath(string word, out string path) => !string.IsNullOrWhiteSpace(path = word);

    /// <summary>Parses a whole number in a range; see <see cref="NumberText"/>.</summary>
    public static bool TryNumber(string word, int min, int max, out int value)
    {
        bool isInside = NumberText.TryWhole(word, out long number) && number >= min && number <= max;
        value = isInside ? (int)number : 0;
        return isInside;
    }
}
