import MartletCore
import MartletTesting
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

/// States whose types reveal little about their contents, across restarts.
@Suite(.timeLimit(.minutes(30))) struct ChangedStateTests {
  /// A value that `==` compares only by its number.
  private struct Note: Codable, Equatable, Sendable {
    var id = 1
    var text = ""
    static func == (a: Note, b: Note) -> Bool { a.id == b.id }
  }

  /// Runs one batch with a line, in a program that starts and stops.
  private func run<S: Sendable>(
    _ folder: ProgramFolder, _ number: Int, _ update: @escaping @Sendable ([Int], S?) throws -> S?
  ) throws -> [S] {
    let test = recoverable(folder.path, at: Time(milliseconds: number * 1000))
    let lines = test.context.textFileStream("\(folder.path)/in").map { ($0, 1) }
    let states = test.output(of: lines.updateStateByKey(update).map { $0.1 })
    try test.start()
    try folder.add("file-\(number)", "a\n")
    try test.runBatch()
    test.stop()
    return states.batches.flatMap { $0 }
  }

  @Test func `Parts that == ignores are restored after a restart`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      for number in 0..<4 {
        let notes = try run(folder, number) { (_: [Int], note: Note?) in
          var note = note ?? Note()
          note.text += "x"
          return note
        }
        #expect(notes.map(\.text) == [String(repeating: "x", count: number + 1)])
      }
    }
  }

  @Test func `Fields that have changed places are refused, with the old and the new order`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      func before() throws {
        struct Sum { var count: Int, total: Int }
        #expect(try run(folder, 0) { (_: [Int], _: Sum?) in Sum(count: 5, total: 500) }.map(\.total) == [500])
      }
      func after() throws {
        struct Sum { var total: Int, count: Int }
        _ = try run(folder, 1) { (_: [Int], sum: Sum?) in sum }
      }
      try before()
      let error = #expect(throws: MartletError.self) { try after() }
      #expect(error?.message.contains("Sum{count: Swift.Int, total: Swift.Int}") == true, "\(error?.message ?? "")")
      #expect(error?.message.contains("Sum{total: Swift.Int, count: Swift.Int}") == true)
    }
  }

  @Test func `An enumeration that has lost a case is refused`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      func before() throws {
        enum Light { case red, yellow, green }
        _ = try run(folder, 0) { (_: [Int], _: Light?) in Light.green }
      }
      func after() throws {
        enum Light { case red, yellow }
        _ = try run(folder, 1) { (_: [Int], light: Light?) in light }
      }
      try before()
      let error = #expect(throws: MartletError.self) { try after() }
      #expect(error?.message.contains("Light{.red, .yellow, .green}") == true, "\(error?.message ?? "")")
    }
  }
}
