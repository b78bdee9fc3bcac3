using RawEcho.Client.Targets;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Transport;

namespace RawEcho.Client.Probe;

/// <summary>Goes the way of a connection step by step, as far as it leads, and notes what it sees.</summary>
internal sealed class Prober(ProbeSettings settings)
{
    private const ushort Tls13 = 0x0304;

    // A server that does not close after this side has is not waited for any longer.
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromMilliseconds(500);

    private readonly ProbeFacts _facts = new(settings);
    private readonly Handshakes _handshakes = new(settings);

    /// <summary>What it has seen so far.</summary>
    public ProbeFacts Facts => _facts;

    public async Task RunAsync()
    {
        await using var client = new EngineClient(tls: null, CreateOptions());
        await Rehearsal.RunAsync(client, _handshakes);
        if (await _facts.Dialer.LookUpAsync() is not { } server) return;
        try
        {
            if (settings.Tls.Level == TlsLevel.None) await ProbeInTheClearAsync(client, server);
            else await ProbeTlsAsync(client, server);
        }
        catch (ConnectException)
        {
            // Every address has failed, which its attempt says.
        }
    }

    private async Task ProbeTlsAsync(EngineClient client, ServerAddresses server)
    {
        await using (TlsAttempt tls = _facts.Tls = await _handshakes.RunAsync(o => _facts.Dialer.ConnectAsync(client, server, Prepare(o))))
        {
            if (tls.Connection is { } connection) await CheckAsync(connection);
        }

        if (_facts.Contact is { End: EchoEnd.Echoed } || _facts.Silence is { End: EchoEnd.Silent })
            _facts.Resumption = await ResumeAsync(client);
        if (_facts.Tls.Server is not null) _facts.Request = await LearnRequestAsync(client, _facts.Tls);
    }

    private ConnectOptions Prepare(ConnectOptions options) =>
        (_facts.StartTls is { } step ? options with { BeforeTls = step.RunAsync } : options).With(settings.SendProxy);

    // A step of its own: what comes of it says nothing of the first connection.
    private ConnectOptions PrepareAgain(ConnectOptions options) =>
        (ProbeFacts.CreateStep(settings) is { } step ? options with { BeforeTls = step.RunAsync } : options).With(settings.SendProxy);

    private async Task CheckAsync(Connection connection)
    {
        if (settings.Url is { } url) _facts.Head = await HeadCheck.RunAsync(connection, url, settings.EchoTimeout);
        else if (settings.Echoes) _facts.Echo = await EchoCheck.RunAsync(connection, settings.EchoTimeout);
        else _facts.Silence = await SilenceCheck.RunAsync(connection);
    }

    private async Task ProbeInTheClearAsync(EngineClient client, ServerAddresses server)
    {
        try
        {
            await using Connection connection = await _facts.Dialer.ConnectAsync(
                client, server, new ConnectOptions().With(settings.SendProxy));
            await CheckAsync(connection);
        }
        catch (ConnectionEndedException)
        {
            _facts.Echo = new EchoResult(EchoEnd.CutOff, First: null, Best: null, Answer: [], Alert: null);
        }
    }

    private async Task<ResumptionReport> ResumeAsync(EngineClient client)
    {
        if (Uri.CheckHostName(settings.ServerName) != UriHostNameType.Dns)
            return new("not-tried", null, "the platform resumes sessions by DNS name only, and this is an address");
        try
        {
            await using TlsAttempt again = await _handshakes.RunAsync(o => _facts.Dialer.ConnectAgainAsync(client, PrepareAgain(o)));
            if (!again.IsComplete) return new("failed", null, "a second handshake right after the first one failed");
            return new(again.IsResumed ? "resumed" : "full", again.Time.TotalMilliseconds, null);
        }
        catch (ConnectException e)
        {
            return new("failed", null, e.Message);
        }
    }

    private async Task<RequestedCertificate> LearnRequestAsync(EngineClient client, TlsAttempt tls)
    {
        if (tls.Plain.Version < Tls13) return new(tls.Plain.Authorities is not null, tls.Plain.Authorities ?? []);
        bool wouldHaveShown = settings.Tls.Identity is not null && tls.IsComplete;
        if (wouldHaveShown && !tls.HasShownCertificate) return new(false, []);
        try
        {
            RequestedCertificate request =
                await _handshakes.LearnRequestAsync(o => _facts.Dialer.ConnectAgainAsync(client, PrepareAgain(o)));
            return request.Asked is null && wouldHaveShown ? new(true, []) : request;
        }
        catch (ConnectException)
        {
            // What this side has shown it was asked for; whose certificates would do stays unknown.
            return new(wouldHaveShown ? true : null, []);
        }
    }

    // One connection at a time, for which the limits of the probe count and no others: a server that exceeds those of the Engine is to be
    // described too.
    private EngineOptions CreateOptions() => new()
    {
        MaxConnections = 1,
        PreallocatedConnections = 1,
        ConnectTimeout = settings.ConnectTimeout,
        MaxHandshakeBytes = 0,
        IdleTimeout = Timeout.InfiniteTimeSpan,
        WriteTimeout = Timeout.InfiniteTimeSpan,
        CloseTimeout = LongestGoodbye,
    };
}
