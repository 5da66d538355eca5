using System.Collections.ObjectModel;

namespace Aspire.Hosting.ApplicationModel;

public interface IResourceAnnotation;

public interface IResource
{
    string Name { get; }

    ResourceAnnotationCollection Annotations { get; }
}

public sealed class ResourceAnnotationCollection : Collection<IResourceAnnotation>, IEnumerable<IResourceAnnotation>
{
    private readonly Lock _gate = new();

    // The orchestrator reads annotations while callbacks still add some: readers get the list of that moment.
    IEnumerator<IResourceAnnotation> IEnumerable<IResourceAnnotation>.GetEnumerator()
    {
        lock (_gate)
            return Items.ToList().GetEnumerator();
    }

    protected override void InsertItem(int index, IResourceAnnotation item)
    {
        lock (_gate)
            base.InsertItem(index, item);
    }

    protected override void RemoveItem(int index)
    {
        lock (_gate)
            base.RemoveItem(index);
    }

    protected override void SetItem(int index, IResourceAnnotation item)
    {
        lock (_gate)
            base.SetItem(index, item);
    }
}

public abstract class Resource : IResource
{
    protected Resource(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
    }

    public virtual string Name { get; }

    public virtual ResourceAnnotationCollection Annotations { get; } = [];
}

public enum ResourceAnnotationMutationBehavior
{
    Append,
    Replace,
}
