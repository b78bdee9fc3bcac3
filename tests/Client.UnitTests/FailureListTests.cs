using RawEcho.Client.Load;
using RawEcho.Client.Results;
using RawEcho.CommandLine;

namespace RawEcho.Client.UnitTests;

/// <summary>What went wrong is counted by clients, and by attempts and connections where those are more.</summary>
public class FailureListTests
{
    private static readonly ClientFailure Refused = new(ExitCode.Network, "not connected", "Nobody listens.");
    private static readonly ClientFailure Lost = new(ExitCode.ConnectionLost, "connection lost", "It was reset.");

    [Fact]
    public void A_client_that_failed_more_than_once_is_one_client()
    {
        var list = new FailureList();
        for (int client = 0; client < 16; client++)
        {
            list.AddMended(Lost, client);
            for (int attempt = 0; attempt < 9; attempt++) list.AddMended(Refused, client);
            list.Add(Refused, client);
        }

        Assert.Equal(176, list.Count);
        Assert.Equal(ExitCode.Network, list.ExitCode);
        Assert.Equal(
            [
                "rawecho-client: 16 clients: connection lost. It was reset.",
                "rawecho-client: 16 clients: not connected (160 attempts). Nobody listens.",
            ],
            Lines(list.ToResults()));
    }

    [Fact]
    public void One_is_one()
    {
        var list = new FailureList();
        list.Add(Refused, 5);
        Assert.Equal(["rawecho-client: 1 client: not connected. Nobody listens."], Lines(list.ToResults()));
        list.AddMended(Lost, 5);
        list.AddMended(Lost, 5);
        Assert.Equal("rawecho-client: 1 client: connection lost (2 connections). It was reset.", Lines(list.ToResults())[1]);
    }

    [Fact]
    public void A_result_that_does_not_tell_clients_tells_attempts()
    {
        ErrorResult old = new("not connected", 160, "Nobody listens.", ExitCode.Network);
        Assert.Equal(["rawecho-client: 160 attempts: not connected. Nobody listens."], Lines([old]));
        ErrorResult lost = new("connection lost", 1, "It was reset.", ExitCode.ConnectionLost);
        Assert.Equal(["rawecho-client: 1 connection: connection lost. It was reset."], Lines([lost]));
    }

    [Fact]
    public void Of_clients_that_were_stopped_at_the_first_failure_nobody_knows_how_many_would_have_failed()
    {
        ErrorResult[] errors = [new("not connected", 3, "Nobody listens.", ExitCode.Network) { Clients = 3 }];
        Assert.Equal(
            ["rawecho-client: 64 clients; stopped at the first failure: not connected. Nobody listens."], Verdict.Lines(errors, [], 64));
        Assert.Equal(["rawecho-client: 3 clients: not connected. Nobody listens."], Verdict.Lines(errors, []));
    }

    private static string[] Lines(IEnumerable<ErrorResult> errors) => [.. Verdict.Lines(errors, [])];
}
