using Amazon.Runtime;
using Amazon.S3;

namespace CardanoRwa.Storage;

internal static class S3Faults
{
    public static Fault? Judge(Exception e) => e switch
    {
        // Two writers at once of one key: the server asks to try again.
        AmazonS3Exception { ErrorCode: "ConditionalRequestConflict" or "OperationAborted" } => new("another writer holds the key", IsTransient: true),
        AmazonS3Exception { ErrorCode: "RequestTimeTooSkewed" } => new("the clocks of this machine and of the store differ (RequestTimeTooSkewed)", IsTransient: false),
        AmazonServiceException service when service.StatusCode != 0 =>
            new($"the store answered {(int)service.StatusCode} {service.ErrorCode}".TrimEnd(), Fault.MayPass((int)service.StatusCode) || service.ErrorCode is "RequestTimeout" or "SlowDown"),
        // No status: the connection failed, or the answer could not be read.
        AmazonServiceException service => new(service.InnerException is { } inner ? Fault.OfNetwork(inner)?.Message ?? inner.GetType().Name : service.Message, IsTransient: true),
        AmazonClientException => new(e.Message, IsTransient: false),
        _ => Fault.OfNetwork(e),
    };
}
