using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>Merges the siblings of a key into one value: what an application knows and the store cannot.</summary>
/// <remarks>
/// It must give the same value for the same siblings in any order, and for a value merged once more with one it came
/// from: another client may merge the same siblings at the same time. It is called on the thread of whoever awaits the
/// get, and what it throws ends there.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.4.
/// </remarks>
/// <param name="key">The key.</param>
/// <param name="siblings">Two live versions or more, in the order of their dots.</param>
/// <returns>The value that stands for all of them.</returns>
public delegate Value Resolver(Key key, ImmutableArray<Sibling> siblings);
