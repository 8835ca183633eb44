namespace Dynamo.Cli.Diagnosis;

/// <summary>One thing that was looked at.</summary>
/// <param name="Level">"ok", "warn" or "fail".</param>
/// <param name="What">What was looked at.</param>
/// <param name="Sentence">What was found.</param>
/// <param name="Advice">What to do; empty when nothing.</param>
internal sealed record Finding(string Level, string What, string Sentence, string Advice)
{
    public static Finding Ok(string what, string sentence) => new("ok", what, sentence, "");

    public static Finding Warn(string what, string sentence, string advice) => new("warn", what, sentence, advice);

    public static Finding Fail(string what, string sentence, string advice) => new("fail", what, sentence, advice);
}
