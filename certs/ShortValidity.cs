using RawEcho.Engine.Certificates;

namespace RawEcho.Certs;

/// <summary>Certificates that are issued for less than a month: they are not due all the time, and keep their length.</summary>
internal static class ShortValidity
{
    private const int ShortDays = 30;
    private const int Parts = 3;

    extension(ValidityPeriod validity)
    {
        /// <summary>How long it was issued for.</summary>
        public TimeSpan Length => validity.Until - validity.From - Validity.Backdating;

        /// <summary>Whether that is less than a month.</summary>
        public bool IsShort => validity.Length < TimeSpan.FromDays(ShortDays);

        /// <summary>Whether less than a third of it is left.</summary>
        public bool IsInLastThird(DateTimeOffset now) => validity.Until - now < validity.Length / Parts;
    }
}
