using System.Text.Json;

namespace Dynamo.Http;

/// <summary><c>/admin/backup</c>: begins a backup of this node, or says how the last one, and a restoration, stand.</summary>
internal static class BackupEndpoint
{
    private const int MaxBytes = 8 * 1024;

    public static async Task Run(Exchange x)
    {
        if (x.IsMethod("POST"))
        {
            if (await BodyReader.Read(x.Request, MaxBytes, x.Aborted) is not { } bytes)
            {
                await Answer.Text(x, 413, $"The body has more than {MaxBytes} bytes.");
                return;
            }

            // A page that a browser shows cannot send this type without being asked first.
            if (x.Request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) != true)
            {
                await Answer.Text(x, 415, "A backup is asked for as application/json.");
                return;
            }

            if (Read(bytes, out var folder, out var rate) is { Length: > 0 } wrong)
            {
                await Answer.Text(x, 400, wrong);
                return;
            }

            if (await x.Node.Backup(folder, rate) is { Length: > 0 } refusal)
            {
                await Answer.Text(x, 409, refusal);
                return;
            }
        }

        var restore = await x.Node.Restore();
        await Answer.Json(x, json =>
        {
            json.WriteStartObject();
            json.WriteString("name", x.Node.Self.Name);
            json.WritePropertyName("backup");
            if (x.Node.LastBackup is { } backup)
            {
                json.WriteStartObject();
                json.WriteString("folder", backup.Folder);
                json.WriteBoolean("running", backup.IsRunning);
                json.WriteNumber("bytes", backup.Bytes);
                json.WriteNumber("bytes_in_all", backup.BytesInAll);
                json.WriteString("error", backup.Error.Length == 0 ? null : backup.Error);
                json.WriteEndObject();
            }
            else json.WriteNullValue();

            json.WritePropertyName("restore");
            if (restore is not null)
            {
                json.WriteStartObject();
                json.WriteBoolean("over", restore.IsOver);
                json.WriteNumber("partitions", restore.Partitions);
                json.WriteNumber("partitions_left", restore.PartitionsLeft);
                json.WriteNumber("partitions_left_out", restore.PartitionsLeftOut);
                json.WriteNumber("keys_taken", restore.KeysTaken);
                json.WriteString("waits_for", restore.WaitsFor);
                json.WriteEndObject();
            }
            else json.WriteNullValue();

            json.WriteEndObject();
        }, x.IsMethod("POST") ? 202 : 200);
    }

    private static string Read(ReadOnlyMemory<byte> bytes, out string folder, out long? rate)
    {
        const string shape = "The body must be a JSON object with \"folder\", a text, and perhaps \"rate\", bytes a second.";
        (folder, rate) = ("", null);
        try
        {
            using var document = JsonDocument.Parse(bytes);
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.Name == "folder") folder = property.Value.GetString() ?? "";
                else if (property.Name == "rate") rate = property.Value.GetInt64();
                else return shape;
            }

            return folder.Length == 0 ? shape : "";
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException)
        {
            return shape;
        }
    }
}
