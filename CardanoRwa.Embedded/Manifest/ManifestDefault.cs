using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace CardanoRwa.Embedded.Manifest;

/// <summary>How a deployment is to come by a parameter nobody sets: a constant, or the rules of a password. Never a value made here.</summary>
internal static class ManifestDefault
{
    public static void Write(Utf8JsonWriter json, ParameterDefault standard)
    {
        json.WriteStartObject("default");
        if (standard is GenerateParameterDefault generated)
            Write(json, generated);
        else if (standard is ConstantParameterDefault constant)
            json.WriteString("value", constant.GetDefaultValue());
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, GenerateParameterDefault generated)
    {
        json.WriteStartObject("generate");
        json.WriteNumber("minLength", generated.MinLength);
        WriteUnlessAllowed("lower", generated.Lower);
        WriteUnlessAllowed("upper", generated.Upper);
        WriteUnlessAllowed("numeric", generated.Numeric);
        WriteUnlessAllowed("special", generated.Special);
        WriteUnlessZero("minLower", generated.MinLower);
        WriteUnlessZero("minUpper", generated.MinUpper);
        WriteUnlessZero("minNumeric", generated.MinNumeric);
        WriteUnlessZero("minSpecial", generated.MinSpecial);
        json.WriteEndObject();

        void WriteUnlessAllowed(string name, bool allowed)
        {
            if (!allowed)
                json.WriteBoolean(name, false);
        }

        void WriteUnlessZero(string name, int minimum)
        {
            if (minimum != 0)
                json.WriteNumber(name, minimum);
        }
    }
}
