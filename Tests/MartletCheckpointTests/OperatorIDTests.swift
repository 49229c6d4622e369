import MartletCore
import MartletTesting
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct OperatorIDTests {
  private func ids(_ program: (StreamingContext) -> Void) throws -> OperatorIDs {
    let test = TestStreamingContext()
    defer { test.stop() }
    program(test.context)
    return try OperatorIDs(test.context.graph)
  }

  @Sendable private static func add(_ values: [Int], _ sum: Int?) -> Int? { (sum ?? 0) + values.reduce(0, +) }

  private func pairs(_ ssc: StreamingContext, _ folder: String) -> DStream<(Text, Int)> {
    ssc.textFileStream(folder).map { ($0, 1) }
  }

  @Test func `A source is identified by its input, and an operator by its parents`() throws {
    let found = try ids { ssc in
      let a = pairs(ssc, "/a")
      a.filter { $0.1 > 0 }.union(pairs(ssc, "/b")).updateStateByKey(Self.add).map { $0 }.print()
      a.updateStateByKey(Self.add).mapWithState(
        .function { (_: Text, value: Int?, _: State<Int>) in value ?? 0 }
      ).print()
    }
    #expect(found.inputs.map(\.id) == ["textFileStream(\"/a\")", "textFileStream(\"/b\")"])
    #expect(
      found.operators.map(\.id) == [
        "updateStateByKey(textFileStream(\"/a\"), textFileStream(\"/b\"))",
        "updateStateByKey(textFileStream(\"/a\"))",
        "mapWithState(updateStateByKey(textFileStream(\"/a\")))",
      ])
  }

  @Test func `Stateless operators, and the order of operators, change no id`() throws {
    func program(_ ssc: StreamingContext, swapped: Bool) {
      func a() { pairs(ssc, "/a").updateStateByKey(Self.add).print() }
      func b() { pairs(ssc, "/b").filter { _ in true }.mapValues { $0 }.updateStateByKey(Self.add).print() }
      if swapped {
        b()
        a()
      } else {
        a()
        b()
      }
    }
    let one = try ids { program($0, swapped: false) }
    let other = try ids { program($0, swapped: true) }
    #expect(one.operators.map(\.id) == Array(other.operators.map(\.id).reversed()))
    #expect(Set(one.operators.map(\.id)).count == 2)
  }

  @Test func `A name replaces an id, also in the ids of the operators that depend on it`() throws {
    let found = try ids { ssc in
      pairs(ssc, "/a").updateStateByKey(Self.add).name("totals").updateStateByKey(Self.add).print()
    }
    #expect(found.operators.map(\.id) == ["name:totals", "updateStateByKey(name:totals)"])
    let stateless = try ids { ssc in pairs(ssc, "/a").name("words").updateStateByKey(Self.add).print() }
    #expect(stateless.operators.map(\.id) == ["updateStateByKey(name:words)"])
  }

  @Test func `The id of an operator without names is also known`() throws {
    let found = try ids { ssc in
      pairs(ssc, "/a").updateStateByKey(Self.add).name("totals").updateStateByKey(Self.add).name("sums").print()
    }
    let program = found.fingerprint(batchInterval: .seconds(1), outputs: [])
    let path = "updateStateByKey(textFileStream(\"/a\"))"
    #expect(program.operators.map(\.place) == [path, "updateStateByKey(name:totals)"])
    #expect(program.operators.map(\.path) == [path, "updateStateByKey(\(path))"])
  }

  @Test func `The ids of sources and operators without the names of stateless streams are known`() throws {
    let found = try ids { ssc in
      ssc.textFileStream("/a").name("lines").map { ($0, 1) }.name("words").updateStateByKey(Self.add).name("totals")
        .filter { _ in true }.name("some").updateStateByKey(Self.add).print()
    }
    let program = found.fingerprint(batchInterval: .seconds(1), outputs: [])
    #expect(program.inputs.map(\.id) == ["name:lines"])
    #expect(program.inputs.map(\.place) == ["textFileStream(\"/a\")"])
    #expect(program.operators.map(\.id) == ["name:totals", "updateStateByKey(name:some)"])
    let path = "updateStateByKey(textFileStream(\"/a\"))"
    #expect(program.operators.map(\.place) == ["updateStateByKey(name:words)", "updateStateByKey(name:some)"])
    #expect(program.operators.map(\.statePlace) == [path, "updateStateByKey(name:totals)"])
    #expect(program.operators.map(\.path) == [path, "updateStateByKey(\(path))"])
  }

  @Test func `Two indistinguishable operators are refused until they have names`() throws {
    func program(_ ssc: StreamingContext, names: [String]) {
      let a = pairs(ssc, "/a")
      let both = [a.updateStateByKey(Self.add), a.map { $0 }.updateStateByKey(Self.add)]
      for (stream, name) in zip(both, names) { _ = stream.name(name) }
      for stream in both { stream.print() }
    }
    let error = #expect(throws: MartletError.self) { try ids { program($0, names: []) } }
    #expect(error?.message.contains("Give each a permanent name: .name(\"…\")") == true)
    #expect(error?.message.contains("OperatorIDTests.swift") == true)
    // One name is enough to distinguish two.
    #expect(try ids { program($0, names: ["x"]) }.operators.map(\.id).first == "name:x")
    #expect(try ids { program($0, names: ["x", "y"]) }.operators.map(\.id) == ["name:x", "name:y"])
    #expect(throws: MartletError.self) { try ids { program($0, names: ["x", "x"]) } }
    // Without a checkpoint it does not matter.
    let test = TestStreamingContext()
    defer { test.stop() }
    program(test.context, names: [])
    try test.start()
    #expect(test.context.graph.program?.stateful.count == 2)
  }

  @Test func `Two sources that read the same are refused until they have names`() throws {
    #expect(throws: MartletError.self) {
      try ids { ssc in
        pairs(ssc, "/a").print()
        pairs(ssc, "/a").print()
      }
    }
  }
}
