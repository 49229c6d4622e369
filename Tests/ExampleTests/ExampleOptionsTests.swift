import ExampleSupport
import Testing

@Suite("The command lines of the examples") struct ExampleOptionsTests {
  @Test("Arguments, options and flags are distinguished in any order")
  func order() throws {
    let options = try ExampleOptions(
      parsing: ["--demo", "localhost", "--output", "/tmp/counts", "9999", "--master", "local[4]"],
      arguments: ["HOST", "PORT"], options: ["--output"], flags: ["--demo"])
    #expect(options.arguments == ["localhost", "9999"])
    #expect(options.value("--output") == "/tmp/counts")
    #expect(options.has("--demo"))
    #expect(options.master() == "local[4]")
    #expect(options.port(1) == 9999)
  }

  @Test("Omitted options have defaults")
  func defaults() throws {
    let options = try ExampleOptions(parsing: [], arguments: [])
    #expect(options.batchInterval == .seconds(1))
    #expect(options.duration == nil)
    #expect(options.master() == "local[2]")
    #expect(!options.has("--demo"))
  }

  @Test(
    "The message names the invalid option",
    arguments: [
      (["--colour"], "Unknown option --colour."), (["--master"], "The option --master needs a value."),
      (["--run-for-seconds", "x"], "--run-for-seconds is 'x'; it must be a whole number from 1 to 3153600000."),
      (["--batch-interval-ms", "0"], "--batch-interval-ms is '0'; it must be a whole number from 1 to 31536000000."),
      (
        ["--run-for-seconds", "99999999999"],
        "--run-for-seconds is '99999999999'; it must be a whole number from 1 to 3153600000."
      ),
      (
        ["--batch-interval-ms", "99999999999999999"],
        "--batch-interval-ms is '99999999999999999'; it must be a whole number from 1 to 31536000000."
      ),
    ])
  func mistakes(_ given: [String], _ message: String) {
    let error = #expect(throws: UsageError.self) { try ExampleOptions(parsing: given, arguments: ["FOLDER"]) }
    #expect(error?.description == message)
  }

  @Test("An extra argument is refused: it may be an option without its dashes")
  func tooMany() {
    for (names, message) in [
      (["HOST", "PORT"], "Unexpected argument 'output'. It takes HOST PORT."),
      ([], "Unexpected argument 'localhost'. This program takes only options."),
    ] {
      let error = #expect(throws: UsageError.self) {
        try ExampleOptions(parsing: ["localhost", "9999", "output"], arguments: names)
      }
      #expect(error?.description == message)
    }
  }
}
