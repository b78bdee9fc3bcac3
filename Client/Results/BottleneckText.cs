using System.Globalization;
using RawEcho.Client.Units;

namespace RawEcho.Client.Results;

/// <summary>The verdict on the bottleneck in words.</summary>
internal static class BottleneckText
{
    /// <summary>The verdict with its reason, and the figures that it rests on, as far as there are any.</summary>
    public static IEnumerable<string> Lines(BottleneckResult result)
    {
        yield return $"Bottleneck: {Name(result.Verdict)}. {result.Why}";
        if (result.Figures is { } figures) yield return $"It rests on: {string.Join("; ", Figures(figures))}";
    }

    private static string Name(string verdict) => verdict switch
    {
        "client" => "this client",
        "server" => "the server",
        "network" => "the network",
        "in-flight" => "messages in flight",
        _ => verdict,
    };

    private static IEnumerable<string> Figures(ResourceResult used)
    {
        yield return string.Create(
            CultureInfo.InvariantCulture, $"client {used.ClientCores:0.00} of {Quantity.Count(used.Processors, "processor")}");
        if (used is { BusiestThreadRan: { } ran, BusiestThreadWaited: { } waited })
            yield return $"its busiest thread ran {Percent(ran)}, waited for a processor {Percent(waited)}";
        string here = used.ServerIsHere == true ? ", server included" : string.Empty;
        if (used.MachineBusy is { } busy) yield return $"this machine {Percent(busy)} busy{here}";
        if (used.NetworkMinNs is { } network) yield return $"network round trip {Quantity.Time(network)} at its fastest";
        if (used.SentAgain is { } again) yield return $"segments sent again {Percent(again)}";
        if (used.PeerTookNoMore is > 0 and { } full) yield return $"server took no more {Percent(full)} of the time with data on its way";
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.#} %");
}
