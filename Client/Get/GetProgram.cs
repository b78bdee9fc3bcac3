using System.Globalization;
using RawEcho.Client.Http;
using RawEcho.Client.Load;
using RawEcho.Client.Targets;
using RawEcho.CommandLine;
using RawEcho.Engine;
using RawEcho.Engine.Hosting;
using RawEcho.Engine.Tls;
using RawEcho.Engine.Transport;
using RawEcho.Terminal;

namespace RawEcho.Client.Get;

/// <summary>"get" as the user sees it.</summary>
internal sealed class GetProgram(GetSettings settings)
{
    public async Task<int> RunAsync()
    {
        foreach (Note note in settings.Targets.Tls.Notes.Where(_ => !settings.Quiet))
            await Console.Error.WriteLineAsync(note.ToString());
        using var stop = new StopSignal();
        Target target = (await settings.Targets.ResolveAsync(stop.Token))[0];
        await using var client = new EngineClient(tls: null, new EngineOptions
        {
            MaxConnections = 1,
            PreallocatedConnections = 1,
            ConnectTimeout = settings.Targets.ConnectTimeout,
            IdleTimeout = settings.ResponseTimeout,
            WriteTimeout = settings.ResponseTimeout,
        });
        var fetch = new Fetch(settings, stop.Token);
        try
        {
            ConnectOptions options = new ConnectOptions { Tls = TlsFor(target) }.With(settings.Targets.SendProxy);
            Task<ConnectionEnd> running = client.RunAsync(target.Addresses, fetch, options, stop.Token);
            // A handshake goes on to its end, or to its deadline, unless the client stops.
            if (await Task.WhenAny(running, stop.Asked) != running) await client.StopAsync(TimeSpan.Zero);
            ConnectionEnd end = await running;
            return Conclude(fetch, end, stop.Asked.IsCompleted);
        }
        catch (ConnectException) when (stop.Asked.IsCompleted)
        {
            return Interrupted();
        }
        catch (ConnectException e)
        {
            return Fail(ClientFailure.Of(e));
        }
        catch (OperationCanceledException)
        {
            return Interrupted();
        }
    }

    private TlsClientOptions? TlsFor(Target target) => settings.Targets.Tls.Level == TlsLevel.None
        ? null
        : settings.Targets.Tls.ForClient(target.ServerName) with { ApplicationProtocols = settings.Request.Http.Protocols() };

    private int Conclude(Fetch fetch, ConnectionEnd end, bool interrupted)
    {
        if (fetch.Unwritten is { } unwritten) throw unwritten;
        if (!fetch.IsComplete) return interrupted ? Interrupted() : Fail(fetch.Explain(end));
        if (fetch.Replaced > 0)
        {
            StandardStreams.WriteErrorLine(string.Create(
                CultureInfo.InvariantCulture,
                $"rawecho-client: the body is no text for a terminal: {fetch.Replaced} of its characters are shown as '?'. Use --output."));
        }

        if (settings.Conditions.FirstOrDefault(c => c.Status!.Includes(fetch.Status!.Value)) is not { } met) return ExitCode.Success;
        StandardStreams.WriteErrorLine(
            string.Create(CultureInfo.InvariantCulture, $"rawecho-client: --fail-if {met}: the status is {fetch.Status}."));
        return ExitCode.ConditionMet;
    }

    private static int Interrupted()
    {
        StandardStreams.WriteErrorLine("rawecho-client: interrupted. There is no whole response.");
        return ExitCode.Interrupted;
    }

    private static int Fail(ClientFailure failure)
    {
        StandardStreams.WriteErrorLine($"rawecho-client: {failure.Kind}. {failure.Detail}");
        return failure.ExitCode;
    }
}
