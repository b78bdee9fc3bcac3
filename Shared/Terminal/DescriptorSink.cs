using System.Runtime.InteropServices;

namespace RawEcho.Terminal;

/// <summary>
/// A file descriptor (Unix), by write(2) itself: .NET's console stream says nothing of a reader that is gone (EPIPE), and no stream says
/// how much of a line was written before an error.
/// </summary>
/// <param name="descriptor">Stays the caller's; below 0 for a stream that is closed.</param>
/// <param name="waits">False to give the error EAGAIN instead of waiting for room, where the descriptor does not block.</param>
public sealed class DescriptorSink(int descriptor, bool waits = true) : OutputSink
{
    private const int Interrupted = 4, TryAgain = 11, TryAgainOnMacOs = 35; // EINTR, EAGAIN
    private const short ForWriting = 4, Error = 8, HangUp = 16, NotOpen = 32; // POLLOUT, POLLERR, POLLHUP, POLLNVAL

    public override bool IsReady => WaitForRoom(milliseconds: 0);

    public override bool HasReader => (Poll(0, milliseconds: 0) & (Error | HangUp | NotOpen)) == 0;

    /// <summary>True for the error of a write that would have had to wait.</summary>
    public static bool IsFull(OutputError error) => error.Code is TryAgain or TryAgainOnMacOs;

    /// <summary>Waits until something can be written, or a write would fail at once.</summary>
    /// <param name="milliseconds">How long; -1 for ever.</param>
    /// <returns>False when the time is over.</returns>
    public bool WaitForRoom(int milliseconds) => descriptor < 0 || Poll(ForWriting, milliseconds) != 0;

    public override OutputError? Write(ReadOnlySpan<byte> bytes, out int written)
    {
        written = 0;
        while (written < bytes.Length)
        {
            int error = TryWrite(bytes[written..], out int count);
            written += count;
            if (error is 0 or Interrupted) continue;
            if (waits && error is TryAgain or TryAgainOnMacOs) WaitForRoom(Timeout.Infinite);
            else return new OutputError(error, descriptor < 0 ? "it is closed" : Marshal.GetPInvokeErrorMessage(error));
        }

        return null;
    }

    private int TryWrite(ReadOnlySpan<byte> bytes, out int count)
    {
        nint taken = write(descriptor, in MemoryMarshal.GetReference(bytes), (nuint)bytes.Length);
        count = (int)Math.Max(0, taken);
        return taken >= 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    private short Poll(short events, int milliseconds)
    {
        var asked = new PollDescriptor { Descriptor = descriptor, Events = events };
        return poll(ref asked, 1, milliseconds) > 0 ? asked.Happened : (short)0;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint write(int descriptor, ref readonly byte bytes, nuint count);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int poll(ref PollDescriptor descriptors, nuint count, int milliseconds);
}
