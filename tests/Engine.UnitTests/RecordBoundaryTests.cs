using RawEcho.Engine.Transport;

namespace RawEcho.Engine.UnitTests;

public class RecordBoundaryTests
{
    // Two records with fragments of 300 and 0 bytes, and one of the largest size that the length field can state.
    private static readonly byte[] Records =
        [23, 3, 3, 1, 44, .. new byte[300], 21, 3, 3, 0, 0, 23, 3, 3, 0xFF, 0xFF, .. new byte[0xFFFF]];

    private static readonly int[] Ends = [0, 305, 310, 310 + 5 + 0xFFFF];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(305)]
    [InlineData(100_000)]
    public void It_is_between_records_at_their_ends_and_nowhere_else_however_they_are_cut(int step)
    {
        var boundary = new RecordBoundary();
        Assert.True(boundary.IsBetweenRecords);
        for (int position = 0; position < Records.Length;)
        {
            int next = Math.Min(position + step, Records.Length);
            boundary.Observe(Records.AsSpan(position, next - position));
            position = next;
            Assert.Equal(Ends.Contains(position), boundary.IsBetweenRecords);
        }
    }
}
