using Dynamo.Build;
using Microsoft.Playwright;

namespace Dynamo.Console.Tests;

/// <summary>One headless Chromium for all tests; each test has a page of its own, with storage of its own.</summary>
public sealed class Browser : IAsyncLifetime
{
    /// <summary>The name of the collection, whose tests run one after the other.</summary>
    public const string Collection = "browser";

    // A wait that only a page that hangs reaches.
    private const float Patience = 30_000;

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        var program = Chromium.Find();
        Assert.True(program is not null, $"The console's tests cannot run: {Chromium.Advice}.");
        Environment.SetEnvironmentVariable("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Headless = true,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.CloseAsync();
        _playwright?.Dispose();
    }

    /// <summary>Opens a page that keeps every complaint of the browser: script errors, refused files, broken policies.</summary>
    public async Task<Watched> Open(int width = 1280, int height = 900, ColorScheme scheme = ColorScheme.Light)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(Patience);
        return new Watched(await context.NewPageAsync());
    }
}

/// <summary>A page, and what the browser had to complain of.</summary>
public sealed class Watched : IAsyncDisposable
{
    public Watched(IPage page)
    {
        Page = page;
        page.PageError += (_, error) => Complaints.Add(error);
        page.Console += (_, message) =>
        {
            // A status that is no success is written there too, and is what some tests are about.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
                Complaints.Add(message.Text);
        };
    }

    public IPage Page { get; }

    public List<string> Complaints { get; } = [];

    /// <summary>Finds an element by its id.</summary>
    public ILocator this[string id] => Page.Locator("#" + id);

    /// <summary>Goes to a view of a node's console.</summary>
    public Task Go(string url, string view = "ring") => Page.GotoAsync($"{url}/#{view}");

    /// <summary>Where CONSOLE_SCREENSHOTS names a folder, leaves a picture of the whole page there.</summary>
    public async Task Shot(string name)
    {
        if (Environment.GetEnvironmentVariable("CONSOLE_SCREENSHOTS") is not { Length: > 0 } folder) return;
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png"), FullPage = true });
    }

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();
}

/// <summary>Tests with a browser run one after the other.</summary>
[CollectionDefinition(Browser.Collection)]
public sealed class BrowserCollection : ICollectionFixture<Browser>;
