namespace RawEcho.Engine.Framing;

/// <summary>
/// A handler that speaks in messages: derive, and serve a connection until <see cref="MessageConnection.ReadAsync"/> says null. What was
/// written when the handler returns is sent; when it throws, the connection ends and nothing more is.
/// </summary>
/// <param name="framing">How messages are told apart.</param>
/// <param name="maxMessageBytes">The largest content that is received, bytes; null for the host's
/// <see cref="MessageOptions.MaxMessageBytes"/>.</param>
public abstract class MessageHandler(MessageFraming framing, int? maxMessageBytes = null) : IConnectionHandler
{
    /// <inheritdoc/>
    public async Task HandleAsync(Connection connection)
    {
        using var messages = new MessageConnection(connection, framing, maxMessageBytes);
        await ServeAsync(messages);
        await messages.FlushAsync();
    }

    /// <summary>Serves one connection until it ends. Runs on an event loop, so it must not block.</summary>
    /// <param name="messages">Its messages.</param>
    protected abstract Task ServeAsync(MessageConnection messages);
}
