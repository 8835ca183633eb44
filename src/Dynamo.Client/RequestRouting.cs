namespace Dynamo.Client;

/// <summary>Which node a client sends a request to first.</summary>
/// <remarks>
/// A node that does not own the key coordinates a get all the same, and forwards a put to an owner, so every choice gives the same answers.
/// Source: DeCandia et al., Dynamo (SOSP 2007), sections 4.5 and 6.4: a load balancer in front of any node, or a client that knows the ring.
/// </remarks>
public enum RequestRouting
{
    /// <summary>
    /// The first healthy owner of the key, or another owner while more than twice as many requests of this client wait at the first: no node in
    /// between that is not needed, and none that is held up.
    /// </summary>
    Owners,

    /// <summary>
    /// All healthy nodes in turn, whatever the key, as through a load balancer: a hop more for many requests, and gets of a key that
    /// everybody asks for are coordinated by all nodes instead of by one. The next one after a refusal or a silence is an owner.
    /// </summary>
    AnyNode,
}
