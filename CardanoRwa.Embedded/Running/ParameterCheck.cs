using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace CardanoRwa.Embedded.Running;

internal static class ParameterCheck
{
    /// <summary>Tells of all parameters without a value at once, before anything is started that would need one of them.</summary>
    public static async Task RunAsync(DistributedApplicationModel model, CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        foreach (var parameter in model.Resources.OfType<ParameterResource>())
        {
            try
            {
                await parameter.GetValueAsync(cancellationToken);
            }
            catch (MissingParameterValueException e)
            {
                missing.Add(e.Message);
            }
        }

        if (missing.Count > 0)
            throw new DistributedApplicationException(string.Join('\n', missing));
    }
}
