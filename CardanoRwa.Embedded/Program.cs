Console.Error.WriteLine("This assembly is part of the AppHost; run that instead: dotnet run --project CardanoRwa.AppHost");
return 2;
