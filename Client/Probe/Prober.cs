using System.Net.Sockets;
using RawEcho.CommandLine;
using RawEcho.Engine.Transport;

namespace RawEcho.Client.Probe;

/// <summary>Goes the way of a connection step by step, as far as it leads, and notes what it sees.</summary>
internal sealed class Prober(ProbeSettings settings)
{
    private const ushort Tls13 = 0x0304;

    private readonly ProbeFacts _facts = new(settings);
    private readonly Handshakes _handshakes = new(settings);

    public async Task<ProbeFacts> RunAsync()
    {
        await Rehearsal.RunAsync(_handshakes);
        Socket? socket = await _facts.Dialer.DialAsync();
        if (socket is null) return _facts;
        if (settings.Tls.Level == TlsLevel.None)
        {
            await using WireTap wire = _facts.Wire = new WireTap(socket);
            _facts.Echo = await EchoCheck.RunAsync(wire, wire, settings.EchoTimeout);
            return _facts;
        }

        await using (TlsAttempt tls = _facts.Tls = await _handshakes.RunAsync(socket))
        {
            _facts.Wire = tls.Tap;
            if (tls.IsComplete) _facts.Echo = await EchoCheck.RunAsync(tls.Stream, tls.Tap, settings.EchoTimeout);
            _facts.Shown = tls.Shown;
        }

        if (_facts.Echo is { End: EchoEnd.Echoed }) _facts.Resumption = await ResumeAsync();
        if (_facts.Tls.Server is not null) _facts.Request = await LearnRequestAsync(_facts.Tls);
        return _facts;
    }

    private async Task<ResumptionReport> ResumeAsync()
    {
        if (Uri.CheckHostName(settings.ServerName) != UriHostNameType.Dns)
            return new("not-tried", null, "the platform resumes sessions by DNS name only, and this is an address");
        try
        {
            await using TlsAttempt again = await _handshakes.RunAsync(await _facts.Dialer.DialAgainAsync());
            if (!again.IsComplete) return new("failed", null, "a second handshake right after the first one failed");
            return new(again.Plain.IsResumed ? "resumed" : "full", again.Time.TotalMilliseconds, null);
        }
        catch (ConnectException e)
        {
            return new("failed", null, e.Message);
        }
    }

    private async Task<RequestedCertificate> LearnRequestAsync(TlsAttempt tls)
    {
        if (tls.Plain.Version < Tls13) return new(tls.Plain.Authorities is not null, tls.Plain.Authorities ?? []);
        bool wouldHaveShown = settings.Tls.Identity is not null && tls.IsComplete;
        if (wouldHaveShown && _facts.Shown is null) return new(false, []);
        try
        {
            RequestedCertificate request = await _handshakes.LearnRequestAsync(await _facts.Dialer.DialAgainAsync());
            return request.Asked is null && wouldHaveShown ? new(true, []) : request;
        }
        catch (ConnectException)
        {
            // What this side has shown it was asked for; whose certificates would do stays unknown.
            return new(wouldHaveShown ? true : null, []);
        }
    }
}
