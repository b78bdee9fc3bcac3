using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RawEcho.CommandLine;

namespace RawEcho.Server.Http;

/// <summary>What ASP.NET Core warns of, as events of the server's log: a line each, without a stack trace.</summary>
internal sealed class ConsoleLogProvider(ConsoleLog log) : ILoggerProvider
{
    // What cannot start is said by the program itself.
    private const string Hosting = "Microsoft.Extensions.Hosting";

    public ILogger CreateLogger(string categoryName) =>
        categoryName.StartsWith(Hosting, StringComparison.Ordinal) ? NullLogger.Instance : new Logger(log);

    public void Dispose()
    {
        // The log is the program's.
    }

    private sealed class Logger(ConsoleLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            string fault = exception is null ? "" : $" {exception.GetType().Name}: {exception.Message}";
            log.Event($"HTTP: {formatter(state, exception)}{fault}", new LogFacts("http-warning", ("type", exception?.GetType().Name)));
        }
    }
}
