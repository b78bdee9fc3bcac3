using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using RawEcho.CommandLine;
using RawEcho.Engine.Proxy;

namespace RawEcho.Server;

/// <summary>The options of a server that stands behind a balancer.</summary>
internal sealed class ProxyOptions
{
    private static readonly Dictionary<string, ProxyMode> Modes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["off"] = ProxyMode.Off,
        ["optional"] = ProxyMode.Optional,
        ["required"] = ProxyMode.Required,
    };

    private readonly OptionReader<Written<ProxyMode>> _mode;
    private readonly OptionReader<IPNetwork[]> _from;
    private readonly OptionReader<Written<TimeSpan>> _timeout;
    private readonly OptionReader<bool> _identity;

    public ProxyOptions(OptionSet options)
    {
        _mode = options.Add(Parsers.Value<ProxyMode>(
            "--proxy-protocol", "off|optional|required",
            "PROXY protocol 1 and 2 in front of TLS, from the proxies in --proxy-from: required: they alone may connect; optional: clients "
            + "may connect without",
            "off", Modes.TryGetValue, "off, optional or required"));
        _from = options.Add(new Option<IPNetwork[]>("--proxy-from")
        {
            Description = "Addresses of proxies: 10.0.0.0/8, fd00::/8 or one address; may be given more than once, or with commas",
            HelpName = "cidr",
            DefaultValueFactory = _ => [],
            CustomParser = r => [.. r.Tokens.SelectMany(t => t.Value.Split(',')).Select(w => ParseNetwork(r, w.Trim()))],
            Arity = ArgumentArity.OneOrMore,
        });
        _timeout = options.Add(Parsers.Time("--proxy-timeout", "How long the header of the PROXY protocol may take", "5s"));
        _identity = options.Add(new Option<bool>("--proxy-identity")
        {
            Description = "Take the client's name from the proxy, which ends TLS and verifies the client's certificate; "
                + "--allow says then which certificates the proxies have",
        });
    }

    private enum ProxyMode
    {
        Off,
        Optional,
        Required,
    }

    /// <summary>Reads what was given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="tls">What the same command line says of TLS.</param>
    /// <returns>Null for a server without.</returns>
    /// <exception cref="CommandException">The options contradict each other.</exception>
    public ProxyProtocolOptions? Read(ParseResult parsed, TlsSource tls)
    {
        ProxyMode mode = _mode.Read(parsed).Value;
        (IPNetwork[] from, TimeSpan timeout) = (_from.Read(parsed), _timeout.Read(parsed).Value);
        if (mode == ProxyMode.Off && from.Length > 0)
            throw new CommandException(ExitCode.Usage, "--proxy-from needs --proxy-protocol optional or required.");
        if (mode == ProxyMode.Off && _timeout.IsGiven(parsed.CommandResult))
            throw new CommandException(ExitCode.Usage, "--proxy-timeout needs --proxy-protocol optional or required.");
        bool isIdentity = _identity.Read(parsed);
        if (isIdentity) CheckIdentity(mode, tls);
        if (mode == ProxyMode.Off) return null;
        if (from.Length == 0)
        {
            throw new CommandException(
                ExitCode.Usage, "--proxy-protocol needs --proxy-from: whoever may send a header can say that he comes from anywhere.");
        }

        return new ProxyProtocolOptions
        {
            Proxies = from,
            IsRequired = mode == ProxyMode.Required,
            Timeout = timeout,
            TrustClientName = isIdentity,
        };
    }

    // Whoever passes for a proxy can claim any name: nobody but the proxies is to get through, by address and by certificate.
    private static void CheckIdentity(ProxyMode mode, TlsSource tls)
    {
        string? problem = null;
        if (mode != ProxyMode.Required)
            problem = "--proxy-identity needs --proxy-protocol required: a client that comes without the proxy has no name.";
        else if (tls.Level != TlsLevel.Mutual)
            problem = "--proxy-identity needs --tls mutual: the proxy has to prove who it is.";
        else if (tls.Admission is { Allowed.Length: 0, AllowFile: null })
        {
            problem = "--proxy-identity needs --allow or --allow-file with the certificates of the proxies: "
                + "otherwise whoever has one of the same CA could claim any name.";
        }

        if (problem is not null) throw new CommandException(ExitCode.Usage, problem);
    }

    private static IPNetwork ParseNetwork(ArgumentResult result, string word)
    {
        if (IPAddress.TryParse(word, out IPAddress? one)) return new IPNetwork(one, one.GetAddressBytes().Length * 8);
        bool isNetwork = IPNetwork.TryParse(word, out IPNetwork network);
        // The platform lets bits behind the prefix fall: whoever wrote them may have meant another prefix.
        bool isExact = isNetwork && word.StartsWith($"{network.BaseAddress}/", StringComparison.OrdinalIgnoreCase);
        if (isExact) return network;
        string meant = isNetwork ? $": has it bits behind the prefix? {network} is one" : string.Empty;
        result.AddError($"--proxy-from takes a network such as 10.0.0.0/8, or an address, not '{word}'{meant}");
        return default;
    }
}
