namespace RawEcho.Engine.Buffers;

/// <summary>
/// The size of buffer that fits a connection's recent reads: large as soon as a read fills a small one, small again after
/// a run of reads that a small one would have held. Large messages then cost one read each, and small ones stay in cache.
/// </summary>
internal struct ReadSize
{
    private const int SmallReadsBeforeShrinking = 16;
    private bool _large;
    private int _smallReads;

    public readonly int Bytes => _large ? BufferPool.LargeBlock : BufferPool.SmallBlock;

    public void Observe(int read, int requested)
    {
        if (!_large)
        {
            _large = read == requested && requested >= BufferPool.SmallBlock;
            _smallReads = 0;
        }
        else if (read >= BufferPool.SmallBlock)
        {
            _smallReads = 0;
        }
        else if (++_smallReads == SmallReadsBeforeShrinking)
        {
            _large = false;
        }
    }
}
