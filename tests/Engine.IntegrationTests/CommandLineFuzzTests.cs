using System.CommandLine;
using System.CommandLine.Help;
using System.Reflection;
using RawEcho.CommandLine;

namespace RawEcho.Engine.IntegrationTests;

/// <summary>
/// Random command lines for the parsers of all programs: each is either understood or refused in one sentence with exit code 2.
/// What a seed has found is found again with RAWECHO_FUZZ_SEED.
/// </summary>
public class CommandLineFuzzTests
{
    private const int LinesEach = 3000;

    private static readonly int Seed =
        int.TryParse(Environment.GetEnvironmentVariable("RAWECHO_FUZZ_SEED"), out int given) ? given : Environment.TickCount & int.MaxValue;

    private static readonly string[] Values =
    [
        "", " ", "0", "1", "-1", "+1", "007", "2147483648", "99999999999999999999999", "1e9", "0x10", "\u0663", "\u00bd", "NaN",
        "Infinity", "1,5", "1.5",
        "10s", "1.5.5s", "-1s", "1e400h", "999999999h", "off", "0ms", "ms", ".", "5 s", "10S",
        "localhost:7443", "[::1]:1", "[::1", "::1]:1", "a:b:c", ":0", ":65536", "host:-1", "%:1", "\0:1", "[]:1", "host:", "-:-",
        "1-100", "1-", "-1-2", "100-1", "1-2-3", "mutual", "server", "1.2", "1.3", "rsa", "p256", "create", "check", "show",
        "@missing", "@", "@@x", "@.", "[diagram]", "[suggest]", "[suggest:99]", "[", "--", "-", "--=", "=", "---", "/?", "-?", "-h",
        "--help", "--version",
        "\ud800", "\U0001F600", "a\nb", "a\r\nb", "\t", "\u001b[31m", "\"", "'", "\\", "$(x)", "%s%n", "{0}", "{", "}",
    ];

    [Theory]
    [InlineData("rawecho-server")]
    [InlineData("rawecho-client")]
    [InlineData("rawecho-certs")]
    [InlineData("rawecho-diagnostics")]
    [InlineData("rawecho-fault-proxy")]
    public async Task Every_command_line_is_understood_or_refused_in_one_sentence(string program)
    {
        Func<RootCommand>? create = CommandOf(Assembly.Load(program));
        Assert.SkipWhen(create is null, $"{program} has no command line yet.");
        var random = new Random(Seed);
        string[] names = [.. Symbols(create())];
        TextWriter output = Console.Out, error = Console.Error;
        int refused = 0;
        try
        {
            for (int line = 0; line < LinesEach; line++)
            {
                string[] words = [.. Enumerable.Range(0, random.Next(6)).SelectMany(_ => Words(random, names))];
                using var said = new StringWriter();
                Console.SetOut(TextWriter.Null);
                Console.SetError(said);
                int code = await EngineProgram.RunAsync(create(), program, [], words);
                string message = said.ToString();
                string which = $"Seed {Seed}, line {line}: {string.Join(' ', words.Select(w => $"<{w}>"))}: exit code {code}, '{message}'";
                Assert.True(code is ExitCode.Success or ExitCode.Usage, which);
                if (code == ExitCode.Success) continue;
                refused++;
                Assert.True(message.StartsWith($"{program}: ", StringComparison.Ordinal), which);
                Assert.True(message.EndsWith($".{Environment.NewLine}", StringComparison.Ordinal), which);
                Assert.True(message.Trim().All(c => !char.IsControl(c)), which);
            }
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }

        Assert.InRange(refused, LinesEach / 10, LinesEach - 1);
    }

    // A program's command, or, where it is put together in Program.cs, its subcommands; what they would do is to read their values.
    private static Func<RootCommand>? CommandOf(Assembly program)
    {
        MethodInfo[] methods = [.. program.GetTypes()
            .SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(m => m.GetParameters().Length == 0 && m.ReturnType.IsAssignableTo(typeof(Command)))];
        MethodInfo? root = methods.FirstOrDefault(m => m.ReturnType == typeof(RootCommand));
        if (methods.Length == 0) return null;
        return () =>
        {
            RootCommand command =
                root is not null ? (RootCommand)root.Invoke(null, null)! : [.. methods.Select(m => (Command)m.Invoke(null, null)!)];
            ReadValuesInstead(command);
            return command;
        };
    }

    private static void ReadValuesInstead(Command command)
    {
        if (command.Action is not null)
        {
            command.SetAction(parsed =>
            {
                foreach (Option option in command.Options.Where(o => o.Action is null))
                    parsed.GetResult(option)?.GetValueOrDefault<object>();
                foreach (Argument argument in command.Arguments) parsed.GetResult(argument)?.GetValueOrDefault<object>();
                return ExitCode.Success;
            });
        }

        foreach (Command sub in command.Subcommands) ReadValuesInstead(sub);
    }

    private static IEnumerable<string> Symbols(Command command) =>
    [
        .. command.Options.Where(o => o is not HelpOption).SelectMany(o => o.Aliases.Append(o.Name)),
        .. command.Subcommands.SelectMany(c => Symbols(c).Append(c.Name)),
    ];

    private static IEnumerable<string> Words(Random random, string[] names)
    {
        string name = names[random.Next(names.Length)];
        string value = Mutated(random, Values[random.Next(Values.Length)]);
        return random.Next(8) switch
        {
            0 => [value],
            1 => [name],
            2 => [Mutated(random, name)],
            3 => [$"{name}={value}"],
            4 => [$"{name}:{value}"],
            _ => [name, value],
        };
    }

    private static string Mutated(Random random, string word) => random.Next(6) switch
    {
        0 when word.Length > 0 => word.Remove(random.Next(word.Length), 1),
        1 => word.Insert(random.Next(word.Length + 1), ((char)random.Next(1, 0x2000)).ToString()),
        2 when random.Next(20) == 0 => string.Concat(Enumerable.Repeat(word, 2000)),
        _ => word,
    };
}
