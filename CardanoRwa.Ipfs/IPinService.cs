namespace CardanoRwa.Ipfs;

/// <summary>A service that holds files on IPFS for good.</summary>
public interface IPinService
{
    /// <summary>What it is called in reports.</summary>
    string Name { get; }

    /// <summary>How it makes blocks of a file, hence the CID it must answer.</summary>
    TreeOptions Tree { get; }

    /// <summary>Adds and pins a file; repeating it changes nothing.</summary>
    /// <param name="content">The file, read to its end.</param>
    /// <param name="cid">The CID by which the platform knows it.</param>
    /// <param name="cancellationToken">Gives up; the file may have been added all the same.</param>
    /// <returns>The CID the service names the file by.</returns>
    /// <exception cref="PinException">It was not pinned.</exception>
    Task<string> PinAsync(Stream content, string cid, CancellationToken cancellationToken);

    /// <summary>Lets a file go; one that is not pinned is none to let go.</summary>
    /// <param name="pinnedAs">The name that <see cref="PinAsync"/> answered.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PinException">It may be pinned still.</exception>
    Task UnpinAsync(string pinnedAs, CancellationToken cancellationToken);

    /// <summary>Reads a file. Its bytes are not checked: whoever reads them compares their CID.</summary>
    /// <param name="cid">The file's name, by whatever version.</param>
    /// <param name="cancellationToken">Gives up; a node that has to search the network for a file searches until then.</param>
    /// <returns>Null where the service says that it does not have it.</returns>
    /// <exception cref="PinException">It could not be asked.</exception>
    Task<Stream?> OpenAsync(string cid, CancellationToken cancellationToken);
}

/// <summary>A file was not pinned, unpinned or read.</summary>
/// <param name="message">Why, without secrets.</param>
/// <param name="isTransient">Whether the same call may succeed later.</param>
/// <param name="inner">The cause.</param>
public sealed class PinException(string message, bool isTransient, Exception? inner = null) : Exception(message, inner)
{
    public bool IsTransient => isTransient;
}
