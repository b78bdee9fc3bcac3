namespace RawEcho.Client.Load;

/// <summary>One stage of an open loop.</summary>
/// <param name="Rate">The rate at its end, messages a second over all connections.</param>
/// <param name="Time">How long the rate takes to get there from that of the stage before; zero for a jump.</param>
internal readonly record struct RateStage(double Rate, TimeSpan Time);
