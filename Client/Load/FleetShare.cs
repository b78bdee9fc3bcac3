namespace RawEcho.Client.Load;

/// <summary>
/// Which connections of a fleet's load are those of one member: every one whose number, from 0 and through the whole fleet, leaves the
/// member's rest. So the messages of all members together are due exactly when one client would have sent them, and the members take turns.
/// </summary>
/// <param name="Member">Number of the member, from 1.</param>
/// <param name="Members">How many members there are.</param>
/// <param name="AllClients">Connections of the whole fleet, count; at least one for each member.</param>
internal readonly record struct FleetShare(int Member, int Members, int AllClients)
{
    /// <summary>Connections of this member; what is left over belongs to the first members.</summary>
    public int Clients => (AllClients / Members) + (Member <= AllClients % Members ? 1 : 0);

    /// <summary>Connections of all members before this one.</summary>
    public int ClientsBefore => ((Member - 1) * (AllClients / Members)) + Math.Min(Member - 1, AllClients % Members);

    /// <summary>A connection's number through the whole fleet.</summary>
    /// <param name="client">Its number in this member, from 0.</param>
    public int NumberOf(int client) => Member - 1 + (client * Members);

    /// <summary>The part of a rate of the whole fleet that its connections have.</summary>
    public double Of(double whole) => whole * Clients / AllClients;

    /// <summary>Messages of a number over all connections that are this member's: the connections take turns.</summary>
    public long MessagesOf(long whole)
    {
        long last = whole % AllClients;
        // Connections whose number is below that have one more.
        long more = (last + Members - Member) / Members;
        return (whole / AllClients * Clients) + more;
    }

    /// <summary>The number through the whole fleet of this member's message <paramref name="k"/>, from 0.</summary>
    public long MessageOf(long k) => (k / Clients * AllClients) + NumberOf((int)(k % Clients));
}
