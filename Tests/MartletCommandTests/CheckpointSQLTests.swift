#if CommandLineTool
  import MartletCore
  import MartletInspection
  import MartletSQL
  import TestSupport
  import Testing

  @testable import MartletCommand

  @Suite(
    "The tables of a checkpoint", .timeLimit(.minutes(30)),
    .enabled(if: SQLLibrary.isInstalledOrRequired, "DuckDB is not installed: `make duckdb` installs it"))
  struct CheckpointSQLTests {
    /// The checkpoint of a release, which `FixtureTests` of the inspection describes.
    private static let fixture: String = {
      let folders = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
      return folders.joined(separator: "/") + "/MartletInspectionTests/Fixtures/checkpoint-1"
    }()

    private func csv(_ arguments: [String]) throws -> String {
      let (status, output) = try run("martlet", arguments + ["--master", "local[1]", "--format", "csv"])
      #expect(status == 0)
      return output
    }

    @Test func `the state of each operator is a table that SQL can ask`() throws {
      let reader = try CheckpointReader(Self.fixture)
      let node = try #require(try reader.report().operators.first { $0.keyCount ?? 0 > 0 })
      let entries = try reader.states(of: node.id).entries
      let first = try #require(entries.first)
      let rows = try csv([
        "checkpoint", "sql", Self.fixture, "-c",
        "SELECT count(*) AS n, count(DISTINCT key) AS keys FROM state WHERE operator = '\(node.id.replacing("'", with: "''"))'",
      ])
      #expect(rows == "n,keys\n\(entries.count),\(entries.count)\n")
      guard case .string(let key) = first.key else { return #expect(Bool(false), "\(first.key) is no text") }
      let value = try csv([
        "checkpoint", "sql", Self.fixture, "-c",
        "SELECT value FROM state WHERE key = '\(key)' AND operator = '\(node.id.replacing("'", with: "''"))'",
      ])
      #expect(value == "value\n\(first.state)\n")
    }

    @Test func `operators, inputs, batches and files are tables, also of several checkpoints`() throws {
      let report = try CheckpointReader(Self.fixture).report()
      let counts = """
        SELECT (SELECT count(*) FROM a_operators) AS operators, (SELECT count(*) FROM a_inputs) AS inputs,
          (SELECT count(*) FROM a_batches) AS batches, (SELECT sum(bytes) FROM b_segments) AS bytes,
          (SELECT count(*) FROM b_checkpoint WHERE done_through <= planned_through) AS checkpoints
        """
      let rows = try csv([
        "sql", "--checkpoint", "a=\(Self.fixture)", "--checkpoint", "b=\(Self.fixture)/", "-c", counts,
      ])
      let batches = report.inputs.reduce(0) { $0 + $1.batches.count }
      let known = Set(report.inputs.flatMap { $0.batches.map(\.time) })
      let others = report.pending.filter { !known.contains($0) }.count
      let bytes = report.segments.reduce(0) { $0 + $1.size }
      #expect(
        rows == "operators,inputs,batches,bytes,checkpoints\n"
          + "\(report.operators.count),\(report.inputs.count),\(batches + others),\(bytes),1\n")
    }

    @Test func `a folder without a checkpoint is refused, and nothing is written to one`() throws {
      try withTemporaryFolder { folder in
        let status = try run("martlet", ["checkpoint", "sql", folder, "-c", "SELECT 1"]).status
        #expect(status == 2)
        let names = try Folder.names(folder)
        #expect(names.isEmpty)
      }
    }

    @Test(
      "A column has the type of all of its values, or text",
      arguments: [
        ([], .string), ([.null], .string), ([.bool(true), .null], .boolean), ([.signed(1), .unsigned(2)], .long),
        ([.signed(1), .double(2)], .double), ([.double(1), .signed(2)], .double),
        ([.signed(1), .string("x")], .string),
        ([.unsigned(.max)], .string), ([.array([])], .string), ([.object([])], .string), ([.bytes([1])], .string),
        ([.bool(true), .signed(1)], .string),
      ] as [([DynamicValue], DataType)])
    func types(_ values: [DynamicValue], _ type: DataType) { #expect(ScalarType(of: values).type == type) }

    @Test func `values that are no texts are JSON in a column of text`() {
      let type = ScalarType(of: [DynamicValue.object([])])
      #expect(type.value(.object([DynamicValue.Field("a", .signed(1))])) == "{\"a\":1}")
      #expect(type.value(.string("a")) == "a" && type.value(.null).isNull && type.value(.signed(3)) == "3")
      #expect(ScalarType(of: [DynamicValue.double(1)]).value(.signed(3)) == .double(3))
    }
  }
#endif
