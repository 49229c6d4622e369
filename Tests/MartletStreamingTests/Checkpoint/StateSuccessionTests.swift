import MartletCore
import MartletTesting
import Testing

@testable import MartletStreaming

/// Who goes on with which state when operators have been given names.
@Suite struct StateSuccessionTests {
  private func program(_ operators: ProgramFingerprint.Operator...) -> ProgramFingerprint {
    var program = fingerprint(operators: [])
    program.operators = operators
    return program
  }

  private func node(
    _ id: String, place: String? = nil, path: String? = nil, state: String = "raw Swift.Int 8/8"
  ) -> ProgramFingerprint.Operator {
    let form = StateForm(
      operation: "updateStateByKey", key: "text", state: state, keyType: "Text", stateType: state)
    return .init(id: id, site: "App/main.swift:3", form: form, place: place, path: path)
  }

  @Test func `An operator that is given a name goes on with the state that it had without one`() {
    let comparison = program(node("u(in)")).compare(to: program(node("name:totals", place: "u(in)", path: "u(in)")))
    #expect(comparison.refusals.isEmpty)
    #expect(comparison.notices.count == 1)
    #expect(comparison.notices[0].contains("name:totals, at App/main.swift:3, goes on with the state of u(in)"))
  }

  @Test func `One that is computed from it goes on, too`() {
    let old = program(node("u(in)"), node("u(u(in))"))
    let new = program(
      node("name:totals", place: "u(in)", path: "u(in)"), node("u(name:totals)", path: "u(u(in))"))
    #expect(
      old.succession(to: new)
        == StateSuccession(formerIDs: ["name:totals": "u(in)", "u(name:totals)": "u(u(in))"]))
  }

  @Test func `A state that could be that of several is refused, with what to do`() {
    let tables: [(ProgramFingerprint, ProgramFingerprint)] = [
      // A name for one of two that nothing else tells apart.
      (program(node("u(in)")), program(node("name:totals", place: "u(in)", path: "u(in)"), node("u(in)"))),
      // A name for each.
      (
        program(node("u(in)")),
        program(
          node("name:a", place: "u(in)", path: "u(in)"), node("name:b", place: "u(in)", path: "u(in)"))
      ),
      // Two states at the same path.
      (
        program(
          node("name:a", path: "u(in)"), node("u(name:a)", path: "u(u(in))"), node("u(name:b)", path: "u(u(in))")),
        program(node("name:a", path: "u(in)"), node("u(name:a)", path: "u(u(in))"), node("u(name:c)", path: "u(u(in))"))
      ),
    ]
    for (old, new) in tables {
      let refusals = old.compare(to: new).refusals
      #expect(refusals.count == 1, "\(refusals)")
      for words in ["nothing tells which", "run the program once without the others", "forgettingState: [\"u("] {
        #expect(refusals.first?.contains(words) == true, "\(refusals)")
      }
      let forgetting = Set(old.operators.map(\.id).filter { !$0.hasPrefix("name:") })
      #expect(old.compare(to: new, forgetting: forgetting).refusals.isEmpty)
    }
  }

  @Test func `What types, names or paths tell apart is not refused`() {
    let old = program(node("u(in)"), node("name:a", place: "u(in)", path: "u(in)"))
    let added: [ProgramFingerprint.Operator] = [
      node("name:texts", place: "u(in)", path: "u(in)", state: "text"), node("name:b", place: "u(b)", path: "u(b)"),
      node("u(name:a)", path: "u(u(in))"),
    ]
    for new in added {
      let comparison = old.compare(to: program(old.operators[0], old.operators[1], new))
      #expect(comparison.refusals.isEmpty, "\(comparison.refusals)")
      #expect(comparison.notices.count == 1)
    }
  }

  @Test func `An operator that is given a name and another type is refused for its type`() {
    let new = program(node("name:totals", place: "u(in)", path: "u(in)", state: "text"))
    let refusals = program(node("u(in)")).compare(to: new).refusals
    #expect(refusals.count == 1)
    #expect(refusals[0].contains("the type of its state was raw Swift.Int 8/8 and is text"))
  }

  @Test func `Over restarts, state follows the operator that has been given a name, and no other`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      @Sendable func add(_ values: [Int], _ sum: Int?) -> Int? { (sum ?? 0) + values.reduce(0, +) }
      func run(_ number: Int, name: String?, twin: Bool) throws {
        let test = recoverable(folder.path, at: Time(milliseconds: number * 1000))
        let lines = test.context.textFileStream("\(folder.path)/in").map { ($0, 1) }
        // State of state: its id changes with the name, and so it must move, too.
        func save(_ totals: DStream<(Text, Int)>, _ name: String) {
          totals.map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(folder.path)/out/\(name)")
        }
        let totals = lines.updateStateByKey(add)
        if let name { totals.name(name) }
        save(totals, "totals")
        save(totals.updateStateByKey(add), "sums")
        if twin { save(lines.mapValues { $0 * 100 }.updateStateByKey(add), "twin") }
        try test.start()
        try folder.add("file-\(number)", "a\n")
        try test.runBatch()
        test.stop()
      }
      try run(0, name: nil, twin: false)
      let error = #expect(throws: MartletError.self) { try run(1, name: "totals", twin: true) }
      #expect(error?.message.contains("nothing tells which") == true)
      try run(1, name: "totals", twin: false)
      try run(2, name: "totals", twin: false)
      try run(3, name: "totals", twin: true)
      try run(4, name: "totals", twin: true)
      #expect(
        try folder.output().mapValues { $0.sorted() } == [
          "totals-1000": ["a 1"], "totals-2000": ["a 2"], "totals-3000": ["a 3"], "totals-4000": ["a 4"],
          "totals-5000": ["a 5"],
          "sums-1000": ["a 1"], "sums-2000": ["a 3"], "sums-3000": ["a 6"], "sums-4000": ["a 10"],
          "sums-5000": ["a 15"],
          "twin-4000": ["a 100"], "twin-5000": ["a 200"],
        ])
    }
  }
}
