using CardanoRwa.Core.Assets;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CardanoRwa.Api.Docs;

/// <summary>Says in the document what types alone do not.</summary>
internal static class Schemas
{
    public static Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken _)
    {
        var type = context.JsonTypeInfo.Type;
        if (type == typeof(RawJson))
        {
            schema.Type = JsonSchemaType.Object;
        }
        else if (type == typeof(decimal) || type == typeof(decimal?))
        {
            schema.Format = "decimal";
        }
        else if (type == typeof(PatchAsset))
        {
            var nullable = JsonSchemaType.String | JsonSchemaType.Null;
            schema.Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["name"] = Text("1 to 300 characters."),
                ["kind"] = Text("A slug such as 'real-estate'."),
                ["jurisdiction"] = new OpenApiSchema { Type = nullable, Description = "ISO 3166 code; null clears." },
                ["description"] = new OpenApiSchema { Type = nullable, Description = "Up to 10,000 characters; null clears." },
                ["attributes"] = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "Merged member by member; null removes one." },
            };
        }
        else if (type == typeof(ProblemDetails))
        {
            schema.Properties ??= new Dictionary<string, IOpenApiSchema>();
            schema.Properties["code"] = Text("Stable; what programs should look at.");
            schema.Properties["hint"] = Text("What to do next.");
            schema.Properties["traceId"] = Text("Finds this request in the telemetry.");
            schema.Properties["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "Faults by field, where fields were invalid.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            };
        }
        return Task.CompletedTask;
    }

    /// <summary>What any endpoint may answer: credentials, roles, rate, availability.</summary>
    public static RouteGroupBuilder WithCommonProblems(this RouteGroupBuilder group) =>
        group.ProducesProblem(401).ProducesProblem(403).ProducesProblem(429).ProducesProblem(503);

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };
}
