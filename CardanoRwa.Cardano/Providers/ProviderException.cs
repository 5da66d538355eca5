namespace CardanoRwa.Cardano.Providers;

/// <summary>The provider gave no usable answer.</summary>
public sealed class ProviderException(ProviderFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public ProviderFault Fault { get; } = fault;
}

public enum ProviderFault
{
    /// <summary>Not reached, or not in time, or in trouble of its own; worth trying later.</summary>
    Unavailable,

    /// <summary>The quota is used up.</summary>
    Throttled,

    /// <summary>The project id is missing, wrong or for another network.</summary>
    Unauthorized,

    /// <summary>An answer this library cannot read, or a request it should not have sent: a bug, here or there.</summary>
    Protocol,
}
