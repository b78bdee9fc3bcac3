using System.CommandLine;
using System.CommandLine.Parsing;
using RawEcho.Benchmarks.Processes;

namespace RawEcho.Benchmarks;

/// <summary>The command line of rawecho-bench.</summary>
internal static class BenchCommand
{
    private const int DefaultRounds = 2;
    private const int QuickRounds = 2;

    public static async Task<int> RunAsync(string[] args)
    {
        // However this program ends, nothing that it started may stay behind.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => ChildProcess.KillAll();
        try
        {
            ParseResult parsed = Create(args).Parse(args);
            int code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
            return parsed.Errors.Count > 0 ? 2 : code;
        }
        catch (BenchFailure e)
        {
            await Console.Error.WriteLineAsync($"rawecho-bench: {e.Message}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("rawecho-bench: interrupted.");
            return 130;
        }
        finally
        {
            ChildProcess.KillAll();
        }
    }

    private static RootCommand Create(string[] args)
    {
        var root = new RootCommand(
            "Measures rawecho-server and its peers side by side: the same load, the same certificates, the same cipher suite.");
        var before = new Option<string?>("--before")
        {
            Description = "The out folder of another build of RawEcho, such as of an earlier commit, to measure beside this one",
            HelpName = "folder",
        };
        before.Validators.Add(r =>
        {
            string folder = r.Tokens is [var token] ? token.Value : "";
            if (!File.Exists(Path.Combine(folder, "rawecho-server"))) r.AddError($"--before: there is no rawecho-server in '{folder}'.");
        });
        Fill(root, BenchPlan.Echo, args, before);
        root.Subcommands.Add(Other(
            "http", "Measures one ASP.NET Core application on RawEcho's transport, on Kestrel's own, and the same answers from Go.",
            BenchPlan.Http, args));
        root.Subcommands.Add(Other(
            "haproxy", "Measures rawecho-server directly, with a header of the PROXY protocol, and behind HAProxy.", BenchPlan.Haproxy,
            args));
        root.Subcommands.Add(Pieces.PiecesCommand.Create());
        return root;
    }

    private static Command Other(string name, string description, BenchPlan plan, string[] args)
    {
        var command = new Command(name, description);
        Fill(command, plan, args, before: null);
        // Those of the echo benchmark would be ignored.
        command.Validators.Add(r =>
        {
            if (r.Parent is CommandResult all && all.Children.OfType<OptionResult>().FirstOrDefault(o => !o.Implicit) is { } misplaced)
                r.AddError($"{misplaced.IdentifierToken} belongs behind '{name}'.");
        });
        return command;
    }

    // Options and action of a command that measures a plan.
    private static void Fill(Command command, BenchPlan plan, string[] args, Option<string?>? before)
    {
        ILookup<bool, string> names = plan.Items.ToLookup(i => i.OnDemand, i => i.Name);
        var items = new Argument<string[]>("items")
        {
            Description = $"What to measure; without any, everything: {string.Join(", ", names[false])}"
                + string.Concat(names[true].Select(n => $"; only when it is named: {n}")),
            DefaultValueFactory = _ => [],
        };
        items.Validators.Add(r => Refuse(r, plan.Names));
        string[] quickNames = [.. plan.Items.Where(i => i.Quick).Select(i => i.Name)];
        var quick = new Option<bool>("--quick")
        {
            Description = $"Only {string.Join(" and ", quickNames)} unless items are named, with fewer rounds: under 3 minutes",
        };
        var peers = new Option<string[]>("--peers")
        {
            Description = $"Servers beside {plan.Measure}; without it all of them: {string.Join(", ", plan.Peers)}",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };
        peers.Validators.Add(r => Refuse(r, plan.Peers));
        var rounds = new Option<int?>("--rounds") { Description = $"Rounds at most [default: {DefaultRounds}; --quick: {QuickRounds}]" };
        rounds.Validators.Add(r =>
        {
            if (r.Tokens is [var token] && !(int.TryParse(token.Value, out int n) && n is > 0 and <= 100))
                r.AddError("--rounds takes a number from 1 to 100.");
        });
        var scale = new Option<double>("--scale") { Description = "Multiplies all measuring times", DefaultValueFactory = _ => 1 };
        var output = new Option<string?>("--out")
        {
            Description = "Folder for bench.json and bench.md [default: artifacts/bench]",
            HelpName = "folder",
        };
        command.Arguments.Add(items);
        Option?[] all = [quick, peers, before, rounds, scale, output];
        foreach (Option option in all.OfType<Option>()) command.Options.Add(option);
        command.SetAction((parsed, cancellation) =>
        {
            bool isQuick = parsed.GetValue(quick);
            var options = new BenchOptions(
                isQuick,
                parsed.GetValue(items)!,
                parsed.GetValue(peers)!,
                parsed.GetValue(rounds) ?? (isQuick ? QuickRounds : DefaultRounds),
                parsed.GetValue(scale),
                parsed.GetValue(output))
            {
                Before = before is not null && parsed.GetValue(before) is { } folder ? Path.GetFullPath(folder) : null,
                CommandLine = string.Join(' ', ["./build.sh", "bench", .. args]),
            };
            return new Bench(plan, options).RunAsync(cancellation);
        });
    }

    private static void Refuse(SymbolResult result, IReadOnlyCollection<string> names)
    {
        foreach (Token token in result.Tokens)
        {
            if (!names.Contains(token.Value)) result.AddError($"There is no '{token.Value}': choose from {string.Join(", ", names)}.");
        }
    }
}
