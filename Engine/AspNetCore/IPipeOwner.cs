namespace RawEcho.Engine.AspNetCore;

/// <summary>Whose connection the pipes are of. Called by what reads or writes; must be quick.</summary>
internal interface IPipeOwner
{
    /// <summary>There is no more to read. Called once, before the consumer hears of it.</summary>
    /// <param name="failure">What ended it; null for an end of stream.</param>
    void OnInputEnding(Exception? failure);

    /// <summary>The consumer, if it waited, has heard that there is no more to read. Called once.</summary>
    void OnInputEnded();

    /// <summary>Goes on with whoever waits for one of the pipes: runs the application's code.</summary>
    /// <param name="waiter">Resumes it.</param>
    void Resume(IWaiter waiter);

    /// <summary>A write has failed. Called once.</summary>
    void OnOutputFailed(Exception failure);
}
