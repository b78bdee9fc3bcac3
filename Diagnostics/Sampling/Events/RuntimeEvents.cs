using System.Diagnostics;
using Microsoft.Diagnostics.NETCore.Client;
using RawEcho.Diagnostics.Attach;
using RawEcho.Diagnostics.Rows;
using RawEcho.Diagnostics.Sampling.Settings;
using RawEcho.Diagnostics.Sampling.Sources;

namespace RawEcho.Diagnostics.Sampling.Events;

/// <summary>
/// The values that a runtime sends. A session for GC events and counters begins when the process has lived for a second, because enabling
/// event sources while a program is creating them can deadlock its runtime (dotnet/runtime#119014). A second session, for meters, follows
/// where meters are needed and safe: see <see cref="MeterSafety"/>. Both begin in the background when the process is too young.
/// </summary>
internal sealed class RuntimeEvents : ISampleSource, IAsyncDisposable
{
    private static readonly TimeSpan StartupTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FlushLimit = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(2);

    // By then a server has begun to listen.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(3);

    private readonly DotNetProcess _process;
    private readonly SamplingSettings _settings;
    private readonly string _clientId = Guid.NewGuid().ToString();
    private readonly TimeSpan _maxAge;
    private readonly MeterStream _meters;
    private readonly CounterStream _counters;
    private readonly PauseStream _pauses = new();
    private readonly RuntimeRows _rows;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly CancellationTokenSource _over = new();
    private readonly Lock _lock = new();
    private readonly List<string> _problems = [];
    private Task _starting = Task.CompletedTask;
    private EventSession? _session;
    private EventSession? _meterSession;
    private volatile bool _wantsMeters;
    private volatile bool _hasCounters;
    private volatile bool _isUnsafe;
    private volatile bool _hasBegun;
    private MeterCollection? _now;
    private MeterCollection? _before;

    private RuntimeEvents(DotNetProcess process, SamplingSettings settings)
    {
        (_process, _settings) = (process, settings);
        // A value that is not renewed in three intervals is no value of now.
        _maxAge = (settings.Interval * 3) + LongestDelay;
        _meters = new MeterStream(_clientId, settings);
        _counters = new CounterStream(settings.Counters, settings.MaxTimeSeries);
        _rows = new RuntimeRows(_counters, _maxAge);
    }

    /// <summary>Warnings of the process or the sessions, each sentence once.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            lock (_lock) return [.. _meters.Warnings, .. _counters.Warnings, .. _problems, .. Silence(), .. Unheard()];
        }
    }

    /// <summary>Whether the stream of events has ended, or could not be begun.</summary>
    public bool IsOver => Session is { Ended.IsCompleted: true };

    /// <summary>Whether the last sample was of a whole interval, so that it holds rates.</summary>
    public bool HasRates =>
        Stopwatch.GetElapsedTime(_start) >= _settings.Interval && HasSession && HasCounterRates && HasMeterRates;

    /// <summary>Attaches; for a process in its first second, in the background when that is over.</summary>
    /// <param name="process">The process.</param>
    /// <param name="settings">How to sample, and what the user names.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="DiagnosticsException">It does not answer, or refuses.</exception>
    public static async Task<RuntimeEvents> StartAsync(DotNetProcess process, SamplingSettings settings, CancellationToken cancellation)
    {
        var events = new RuntimeEvents(process, settings);
        if (settings.Events == EventSet.None) return events;
        TimeSpan left = events.UntilSafe();
        if (left <= TimeSpan.Zero)
        {
            try
            {
                await events.BeginAsync(cancellation);
            }
            catch
            {
                await events.DisposeAsync();
                throw;
            }

            events._starting = events.BeginMetersLaterAsync();
        }
        else
        {
            events._starting = events.BeginLaterAsync(left);
        }

        return events;
    }

    public void Collect(SampleValues values)
    {
        // Without a session nothing is known, and nothing is not zero.
        if (Session is not { Ended.IsCompleted: false }) return;
        CollectEvents(values);
    }

    /// <summary>
    /// Adds what arrived after the last sample of a process that has ended: a runtime that exits normally flushes its buffers.
    /// </summary>
    public void CollectLast(SampleValues values)
    {
        if (Session is not { } session) return;
        // The end of the stream follows the end of the process at once.
        session.Ended.Wait(FlushLimit);
        if (_meters.Latest is { } latest && latest != _now) CollectEvents(values);
        else CollectPauses(values);
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _starting;
        if (_meterSession is not null) await _meterSession.DisposeAsync();
        if (_session is not null) await _session.DisposeAsync();
        _over.Dispose();
    }

    private bool HasSession => _settings.Events == EventSet.None || _hasBegun;

    private bool HasCounterRates => !Wants(EventSet.Counters) || (_hasCounters && _counters.KnowsNamed);

    // A process that is only starting may yet have meters; nothing waits for them when nobody named one and counters tell the rest.
    private bool HasMeterRates => _wantsMeters
        ? _before is not null || HasMeterTrouble
        : !Wants(EventSet.Meters) || _isUnsafe || (_settings.Meters.Count == 0 && Wants(EventSet.Counters));

    private bool HasMeterTrouble
    {
        get
        {
            lock (_lock) return _problems.Count > 0 || _meters.Warnings.Count > 0 || Silence().Any();
        }
    }

    private EventSession? Session
    {
        get
        {
            lock (_lock) return _session ?? _meterSession;
        }
    }

    private void CollectEvents(SampleValues values)
    {
        _hasCounters = _counters.HasValues;
        MeterCollection? latest = _meters.Latest;
        if (latest is not null && latest != _now) (_before, _now) = (_now, latest);
        bool isFresh = _now is not null && Stopwatch.GetElapsedTime(_now.ArrivedAt) <= _maxAge;
        _rows.Add(values, isFresh ? new MeterReading(_now!, _before) : null);
        CollectPauses(values);
    }

    private bool Wants(EventSet events) => _settings.Events.HasFlag(events);

    private void CollectPauses(SampleValues values)
    {
        if (!Wants(EventSet.Gc)) return;
        (double percent, double longest) = _pauses.Take();
        values.Set(MetricCatalog.PausePercent, percent);
        values.Set(MetricCatalog.PauseLongest, longest);
    }

    private TimeSpan UntilSafe() =>
        ProcessAge.Of(_process.Pid, _process.Description.Started) is { } age ? StartupTime - age : StartupTime;

    private async Task BeginAsync(CancellationToken cancellation)
    {
        IReadOnlyList<EventPipeProvider> always = SessionProviders.Always(_settings);
        if (always.Count > 0)
        {
            EventSession session = await EventSession.StartAsync(
                _process, always, source =>
                {
                    _pauses.Follow(source);
                    _counters.Follow(source);
                },
                cancellation);
            lock (_lock) _session = session;
        }

        _hasBegun = true;
        if (!Wants(EventSet.Meters)) return;
        if (MeterSafety.IsGiven(_process)) await BeginMetersAsync(cancellation);
        // A program that is only starting may yet become safe.
        else _isUnsafe = ProcessAge.Of(_process.Pid, _process.Description.Started) > Settled;
    }

    private async Task BeginMetersAsync(CancellationToken cancellation)
    {
        _wantsMeters = true;
        EventSession session = await EventSession.StartAsync(
            _process, [SessionProviders.Meters(_settings, MeterSafety.IsWeb(_process), _clientId)], _meters.Follow, cancellation);
        lock (_lock) _meterSession = session;
    }

    private async Task BeginLaterAsync(TimeSpan delay)
    {
        await OnceSafeAsync(async () =>
        {
            await Task.Delay(delay, _over.Token);
            await BeginAsync(_over.Token);
        });
        await BeginMetersLaterAsync();
    }

    // A program may load the Engine long after its start.
    private Task BeginMetersLaterAsync() => OnceSafeAsync(async () =>
    {
        while (Wants(EventSet.Meters) && !_wantsMeters && ProcessProbe.Exists(_process.Pid))
        {
            await Task.Delay(BetweenLooks, _over.Token);
            if (!_hasBegun) continue;
            bool isSafe = MeterSafety.IsGiven(_process);
            if (isSafe) await BeginMetersAsync(_over.Token);
            _isUnsafe = !isSafe;
        }
    });

    private async Task OnceSafeAsync(Func<Task> begin)
    {
        try
        {
            await begin();
        }
        catch (DiagnosticsException e)
        {
            if (!ProcessProbe.Exists(_process.Pid)) return;
            lock (_lock) _problems.Add($"Rows of the runtime are missing: {e.Message}");
        }
        catch (OperationCanceledException)
        {
            // This program detaches, or the process has ended.
        }
    }

    private IEnumerable<string> Unheard()
    {
        if (_settings.Meters.Count > 0 && _isUnsafe)
        {
            yield return $"Its meters are not listened to ({string.Join(", ", _settings.Meters)}): neither ASP.NET Core's Kestrel nor "
                + "RawEcho's Engine was found in it, and other programs can freeze when they end while their meters are read.";
        }
    }

    // A runtime schedules its counters and meters by the clock of the day, and another tool can take the meters away: rows then are absent,
    // and the reader has to know why.
    private IEnumerable<string> Silence()
    {
        if (_meters.Latest is { } latest && Stopwatch.GetElapsedTime(latest.ArrivedAt) > _maxAge)
        {
            yield return "Its meters have stopped coming, because another tool took them over, the clock was set back, or it is frozen: "
                + "rows that only meters give are missing.";
        }
    }
}
