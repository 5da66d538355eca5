using System.Text.Json;
using System.Text.Json.Serialization;
using CardanoRwa.Core.Assets;
using CardanoRwa.Core.Compliance;
using CardanoRwa.Core.Evidence;
using CardanoRwa.Core.Imports;
using CardanoRwa.Core.Jobs;
using CardanoRwa.Core.Minting;
using CardanoRwa.Core.Restored;
using CardanoRwa.Core.Recovery;
using CardanoRwa.Core.Status;
using CardanoRwa.Core.Webhooks;

namespace CardanoRwa.Core.Text;

/// <summary>JSON as the platform speaks it: camelCase, strict on input, source-generated.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    NumberHandling = JsonNumberHandling.Strict,
    MaxDepth = 32,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(AssetView))]
[JsonSerializable(typeof(AssetPage))]
[JsonSerializable(typeof(CreateAsset))]
[JsonSerializable(typeof(PatchAsset))]
[JsonSerializable(typeof(RetireAsset))]
[JsonSerializable(typeof(CreateValuation))]
[JsonSerializable(typeof(ValuationView))]
[JsonSerializable(typeof(ValuationPage))]
[JsonSerializable(typeof(RequestCompliance))]
[JsonSerializable(typeof(DecideCompliance))]
[JsonSerializable(typeof(ComplianceView))]
[JsonSerializable(typeof(CompliancePage))]
[JsonSerializable(typeof(ImportView))]
[JsonSerializable(typeof(ImportPage))]
[JsonSerializable(typeof(ImportFailurePage))]
[JsonSerializable(typeof(ImportReport))]
[JsonSerializable(typeof(ImportRow))]
[JsonSerializable(typeof(PolicyKey[]))]
[JsonSerializable(typeof(PutToken))]
[JsonSerializable(typeof(TokenView))]
[JsonSerializable(typeof(RequestMint))]
[JsonSerializable(typeof(RequestBurn))]
[JsonSerializable(typeof(DecideOperation))]
[JsonSerializable(typeof(AddWitnesses))]
[JsonSerializable(typeof(UnsignedView))]
[JsonSerializable(typeof(OperationView))]
[JsonSerializable(typeof(OperationPage))]
[JsonSerializable(typeof(EvidenceView))]
[JsonSerializable(typeof(EvidencePage))]
[JsonSerializable(typeof(InclusionProof))]
[JsonSerializable(typeof(CreateWebhook))]
[JsonSerializable(typeof(WebhookView))]
[JsonSerializable(typeof(WebhookPage))]
[JsonSerializable(typeof(DeliveryView))]
[JsonSerializable(typeof(DeliveryPage))]
[JsonSerializable(typeof(PingEvent))]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(JobPage))]
[JsonSerializable(typeof(RequestDrill))]
[JsonSerializable(typeof(DrillList))]
[JsonSerializable(typeof(RecoveryStatusView))]
[JsonSerializable(typeof(BackupView))]
[JsonSerializable(typeof(BackupList))]
[JsonSerializable(typeof(RequestBackup))]
[JsonSerializable(typeof(DeclareIncident))]
[JsonSerializable(typeof(UpdateIncident))]
[JsonSerializable(typeof(ResolveIncident))]
[JsonSerializable(typeof(IncidentView))]
[JsonSerializable(typeof(IncidentPage))]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class RegistryJson : JsonSerializerContext;

/// <summary>JSON that is already text, such as a jsonb column: written as it is.</summary>
[JsonConverter(typeof(RawJsonConverter))]
public readonly record struct RawJson(string Text);

internal sealed class RawJsonConverter : JsonConverter<RawJson>
{
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return new RawJson(document.RootElement.GetRawText());
    }

    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Text, skipInputValidation: true);
}
