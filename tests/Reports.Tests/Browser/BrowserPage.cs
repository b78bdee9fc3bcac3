using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using RawEcho.Testing;

namespace RawEcho.Reports.Tests.Browser;

/// <summary>How a page is looked at.</summary>
internal sealed record PageView
{
    public int Width { get; init; } = 1280;

    public int Height { get; init; } = 900;

    public bool IsDark { get; init; }

    public bool IsPrint { get; init; }
}

/// <summary>A page in the browser: what it shows, what it asked for, and what it complained about.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    private readonly DevTools _tools;
    private readonly string _target;
    private readonly string _session;
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BrowserPage(DevTools tools, string target, string session) => (_tools, _target, _session) = (tools, target, session);

    /// <summary>Every address that the page asked for, its own first.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>Errors and warnings of the console, exceptions, and what the Content-Security-Policy refused.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    public static async Task<BrowserPage> OpenAsync(DevTools tools, string address, PageView view)
    {
        JsonNode target = await tools.CallAsync("Target.createTarget", new { url = "about:blank" });
        string id = target["targetId"]!.GetValue<string>();
        JsonNode attached = await tools.CallAsync("Target.attachToTarget", new { targetId = id, flatten = true });
        var page = new BrowserPage(tools, id, attached["sessionId"]!.GetValue<string>());
        tools.Happened += page.Take;
        foreach (string domain in new[] { "Page", "Runtime", "Log", "Network" }) await page.CallAsync($"{domain}.enable");
        await page.LookAsync(view);
        await page.CallAsync("Page.navigate", new { url = address });
        await page._loaded.Task.WithinLimit();
        return page;
    }

    /// <summary>Changes how the page is looked at.</summary>
    public async Task LookAsync(PageView view)
    {
        await CallAsync(
            "Emulation.setDeviceMetricsOverride", new { width = view.Width, height = view.Height, deviceScaleFactor = 1, mobile = false });
        object scheme = new { name = "prefers-color-scheme", value = view.IsDark ? "dark" : "light" };
        await CallAsync("Emulation.setEmulatedMedia", new { media = view.IsPrint ? "print" : "screen", features = new[] { scheme } });
    }

    /// <summary>The value of a JavaScript expression.</summary>
    /// <exception cref="InvalidOperationException">It threw.</exception>
    public async Task<JsonNode> EvaluateAsync(string expression)
    {
        JsonNode answer = await CallAsync("Runtime.evaluate", new { expression, returnByValue = true, awaitPromise = true });
        if (answer["exceptionDetails"] is { } thrown) throw new InvalidOperationException($"{expression}: {thrown.ToJsonString()}");
        return answer["result"]!["value"] ?? throw new InvalidOperationException($"{expression} has no value.");
    }

    /// <summary>The value of a JavaScript expression.</summary>
    public async Task<T> EvaluateAsync<T>(string expression) => (await EvaluateAsync(expression)).GetValue<T>();

    /// <summary>An array of words or of numbers.</summary>
    public async Task<T[]> EvaluateManyAsync<T>(string expression) =>
        [.. (await EvaluateAsync(expression)).AsArray().Select(v => v!.GetValue<T>())];

    /// <summary>What assistive technology is told: role, name and description of everything on the page.</summary>
    public async Task<IReadOnlyList<(string Role, string Name, string Description)>> AccessibleAsync()
    {
        JsonNode tree = await CallAsync("Accessibility.getFullAXTree");
        return [.. tree["nodes"]!.AsArray().Select(n => (Text(n!["role"]), Text(n!["name"]), Text(n!["description"])))];

        static string Text(JsonNode? value) => value?["value"]?.GetValue<string>() ?? string.Empty;
    }

    /// <summary>Moves the pointer.</summary>
    public Task PointAsync(double x, double y) => CallAsync("Input.dispatchMouseEvent", new { type = "mouseMoved", x, y });

    /// <summary>Presses a key, such as ArrowRight.</summary>
    public async Task PressAsync(string key)
    {
        await CallAsync("Input.dispatchKeyEvent", new { type = "keyDown", key });
        await CallAsync("Input.dispatchKeyEvent", new { type = "keyUp", key });
    }

    /// <summary>
    /// Keeps a picture of the page, whole or what is in view, where RAWECHO_PICTURES names a folder: for those who want to look
    /// at what the tests see.
    /// </summary>
    public async Task PictureAsync(string name, bool whole = true)
    {
        if (Environment.GetEnvironmentVariable("RAWECHO_PICTURES") is not { Length: > 0 } folder) return;
        JsonNode picture = await CallAsync("Page.captureScreenshot", new { format = "png", captureBeyondViewport = whole });
        Directory.CreateDirectory(folder);
        await File.WriteAllBytesAsync(Path.Combine(folder, $"{name}.png"), Convert.FromBase64String(picture["data"]!.GetValue<string>()));
    }

    /// <summary>How many colours the picture of an element has: one where nothing is painted, many where text is.</summary>
    /// <param name="selector">The element; it is in view.</param>
    public async Task<int> ColoursAsync(string selector)
    {
        JsonNode box = await EvaluateAsync($$"""
            (({x, y, width, height}) => ({x, y, width, height, scale: 1}))(document.querySelector('{{selector}}').getBoundingClientRect())
            """);
        JsonNode picture = await CallAsync("Page.captureScreenshot", new { format = "png", clip = box });
        // In a page without a policy against pictures.
        await using BrowserPage canvas = await OpenAsync(_tools, "about:blank", new PageView());
        return await canvas.EvaluateAsync<int>($$"""
            (async () => {
              const image = new Image();
              image.src = "data:image/png;base64,{{picture["data"]!.GetValue<string>()}}";
              await image.decode();
              const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
              canvas.drawImage(image, 0, 0);
              return new Set(new Uint32Array(canvas.getImageData(0, 0, image.width, image.height).data.buffer)).size;
            })()
            """);
    }

    /// <summary>The page as it would be printed on A4, as PDF.</summary>
    public async Task<byte[]> PrintAsync()
    {
        JsonNode print = await CallAsync(
            "Page.printToPDF", new { printBackground = true, preferCSSPageSize = true, paperWidth = 8.27, paperHeight = 11.69 });
        byte[] pdf = Convert.FromBase64String(print["data"]!.GetValue<string>());
        if (Environment.GetEnvironmentVariable("RAWECHO_PICTURES") is { Length: > 0 } folder)
            await File.WriteAllBytesAsync(Path.Combine(folder, "print.pdf"), pdf);
        return pdf;
    }

    public async ValueTask DisposeAsync()
    {
        _tools.Happened -= Take;
        await _tools.CallAsync("Target.closeTarget", new { targetId = _target });
    }

    private Task<JsonNode> CallAsync(string method, object? parameters = null) => _tools.CallAsync(method, parameters, _session);

    private void Take(string? session, string name, JsonNode parameters)
    {
        if (session != _session) return;
        switch (name)
        {
            case "Page.loadEventFired":
                _loaded.TrySetResult();
                break;
            case "Network.requestWillBeSent":
                _requests.Enqueue(parameters["request"]!["url"]!.GetValue<string>());
                break;
            case "Runtime.exceptionThrown" or "Log.entryAdded":
                _complaints.Enqueue(parameters.ToJsonString());
                break;
            case "Runtime.consoleAPICalled" when parameters["type"]!.GetValue<string>() is "error" or "warning" or "assert":
                _complaints.Enqueue(parameters.ToJsonString());
                break;
        }
    }
}
