using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>A bug that can be planted in a run, to show that the checkers would find it.</summary>
public sealed class PlantedBug
{
    /// <summary>Every planted bug.</summary>
    public static readonly ImmutableArray<PlantedBug> All =
    [
        new("drop-hint", "partition", "a hint is acknowledged and not stored",
            static _ => new DropHint()),
        new("forget-hint-early", "partition", "a hint is removed when it is sent, not when it has arrived",
            static _ => new ForgetHintEarly()),
        new("ignore-hint-stamp", FaultProfile.Buffered, "removing a delivered hint also removes what it has grown since",
            static _ => new IgnoreHintStamp()),
        new("misdeliver-hint", "crash", "hints are delivered to the wrong node",
            static _ => new MisdeliverHint()),
        new("early-acknowledgement", "crash", "writes are reported durable before they are",
            static _ => new EarlyAcknowledgement()),
        new("applied-is-durable", FaultProfile.Buffered, "what a replica has in its buffer alone passes for durable",
            static _ => new AppliedIsDurable()),
        new("conceal-failures", FaultProfile.Buffered, "a buffer that could not be kept is not told of, so claims go on over what it held",
            static _ => new ConcealFailures()),
        new("show-unsynced", "crash", "reads do not say that what they show is not durable yet",
            static _ => new ShowUnsynced()),
        new("reuse-dots", "crash", "a store that was not closed in order goes on with its counters from the start, and the others vouch for it",
            static _ => new ReuseDots()),
        new("keep-generation", "wipe", "an empty store goes on in the generation it had before, and the others vouch for it",
            static _ => new KeepGeneration()),
        new("claim-too-much", "partition", "a row claims all dots of its store, those of its forgotten versions included",
            static _ => new ClaimTooMuch()),
        new("skip-read-repair", FaultProfile.ReadRepair, "stale replicas are not repaired after a get",
            static _ => new SkipReadRepair()),
        new("forget-tombstone", "partition", "a deleted key is removed from the store at once",
            static _ => new ForgetTombstone()),
        new("drop-sibling", "partition", "a merge on the wire keeps one sibling of several",
            static _ => new DropSibling()),
        new("replace-not-merge", "partition", "a replica overwrites what it holds with what it is sent",
            static _ => new ReplaceNotMerge()),
        new("narrow-context", "calm", "a get's context misses one of the versions shown",
            static _ => new NarrowContext()),
        new("mix-up-contexts", "calm", "a put returns the context of an earlier read",
            static _ => new MixUpContexts()),
        new("lose-write", "calm", "one write in fifty is reported durable and not written",
            static random => new LoseWrite(random)),
        new("acknowledge-unwritten", "lossy", "a replica acknowledges a put that never reached it",
            static random => new AcknowledgeUnwritten(random)),
        new("count-repairs", "lossy", "a replica that acknowledges the read repair of a delete has acknowledged the tombstone as well",
            static _ => new CountRepairs()),
        new("write-twice", "calm", "one put in twenty is carried out twice",
            static random => new WriteTwice(random)),
        new("serve-damaged", "disk", "a damaged row is served as it lies there",
            static _ => new ServeDamaged()),
        new("count-twice", "calm", "one increment in ten is carried out twice",
            static random => new CountTwice(random)),
        new("hand-to-two", "calm", "an increment is handed over with every ticket that comes",
            static _ => new HandToTwo()),
        new("start-from-sum", "calm", "an increment begins with what all entries of its row come to",
            static _ => new StartFromSum()),
        new("skip-exchange", FaultProfile.Rebuild, "no exchange ever finds a difference",
            static _ => new SkipExchange()),
        new("reap-over-objections", "slow", "tombstones are reaped whatever the others answer",
            static _ => new ReapOverObjections()),
        new("fence-in-word-only", "late", "fences are said to have moved and have not",
            static _ => new FenceInWordOnly()),
        new("restore-all", FaultProfile.Restore, "a backup is put back as it is, whatever was reaped since",
            static _ => new RestoreAll()),
        new("forget-membership", FaultProfile.Churn, "what a node knows of the membership is reported durable and not written",
            static _ => new ForgetMembership()),
        new("switch-in-word-only", FaultProfile.Churn, "every node passes for one that holds what it gains and reads by the latest ring",
            static _ => new SwitchInWordOnly()),
        new("lose-commit", FaultProfile.Churn, "one node keeps the latest commit it knows to itself",
            static _ => new LoseCommit()),
        new("write-under-one-ring", FaultProfile.Churn, "a put is not written to those who are owners by the coming ring alone",
            static _ => new WriteUnderOneRing()),
        new("drop-rows-early", FaultProfile.Churn, "a node drops the rows it is to lose as soon as it hears of the change",
            static _ => new DropRowsEarly()),
        new("reapply-change", FaultProfile.Churn, "the first change is committed once more, by whoever tells of it",
            static _ => new ReapplyChange()),
    ];

    private PlantedBug(string name, string profile, string sentence, Func<Prng, Mutant> make) =>
        (Name, Profile, Sentence, Make) = (name, profile, sentence, make);

    /// <summary>The bug of a name; null when there is none.</summary>
    public static PlantedBug? Find(string name) => All.FirstOrDefault(bug => bug.Name == name);

    /// <summary>What the command line calls it.</summary>
    public string Name { get; }

    /// <summary>The profile whose troubles bring it to light.</summary>
    public string Profile { get; }

    /// <summary>What it does.</summary>
    public string Sentence { get; }

    /// <summary>Plants it in a run; chance is drawn from the numbers given.</summary>
    internal Func<Prng, Mutant> Make { get; }
}
