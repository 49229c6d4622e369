import MartletCore
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

/// The assignment of states to operators that have been given names.
@Suite(.timeLimit(.minutes(30))) struct StateSuccessionTests {
  private func program(_ operators: ProgramFingerprint.Operator...) -> ProgramFingerprint {
    var program = fingerprint(operators: [])
    program.operators = operators
    return program
  }

  private func node(
    _ id: String, place: String? = nil, statePlace: String? = nil, path: String? = nil,
    state: String = "raw Swift.Int 8/8"
  ) -> ProgramFingerprint.Operator {
    let form = StateForm(
      operation: "updateStateByKey", key: "text", state: state, keyType: "Text", stateType: state)
    return .init(
      id: id, site: "App/main.swift:3", form: form, place: place, statePlace: statePlace, path: path)
  }

  @Test func `A newly named operator continues with the state that it had without a name`() {
    let comparison = program(node("u(in)")).compare(to: program(node("name:totals", place: "u(in)", path: "u(in)")))
    #expect(comparison.refusals.isEmpty)
    #expect(comparison.notices.count == 1)
    #expect(comparison.notices[0].contains("name:totals, at App/main.swift:3, continues with the state of u(in)"))
  }

  @Test func `An operator on a moved folder continues if the program spells the folder as before`() {
    func program(_ folder: String, spelled: String) -> ProgramFingerprint {
      var program = self.program(node("u(\(folder))", path: "u(\(spelled))"))
      program.inputs = [.init(id: folder, site: "App/main.swift:2", place: spelled)]
      return program
    }
    let old = program("/a/in", spelled: "in")
    #expect(old.inputSuccession(to: program("/b/in", spelled: "in")) == ["/b/in": "/a/in"])
    #expect(
      old.succession(to: program("/b/in", spelled: "in")) == StateSuccession(formerIDs: ["u(/b/in)": "u(/a/in)"]))
    #expect(old.compare(to: program("/b/in", spelled: "in")).refusals.isEmpty)
    #expect(old.inputSuccession(to: program("/b/in", spelled: "/b/in")) == [:])
    #expect(old.compare(to: program("/a/in", spelled: "/a/in")) == ProgramFingerprint.Comparison())
  }

  @Test func `An operator that depends on it also continues`() {
    let old = program(node("u(in)"), node("u(u(in))"))
    let new = program(
      node("name:totals", place: "u(in)", path: "u(in)"), node("u(name:totals)", path: "u(u(in))"))
    #expect(
      old.succession(to: new)
        == StateSuccession(formerIDs: ["name:totals": "u(in)", "u(name:totals)": "u(u(in))"]))
  }

  @Test func `A state that could belong to several operators is refused, with a remedy`() {
    let tables: [(ProgramFingerprint, ProgramFingerprint)] = [
      // A name for one of two otherwise indistinguishable operators.
      (program(node("u(in)")), program(node("name:totals", place: "u(in)", path: "u(in)"), node("u(in)"))),
      // A name for each.
      (
        program(node("u(in)")),
        program(
          node("name:a", place: "u(in)", path: "u(in)"), node("name:b", place: "u(in)", path: "u(in)"))
      ),
      // A name for the stream from which one of two otherwise indistinguishable operators is computed.
      (program(node("u(in)")), program(node("u(name:a)", statePlace: "u(in)", path: "u(in)"), node("u(in)"))),
      (
        program(node("u(in)")),
        program(
          node("name:b", place: "u(name:a)", statePlace: "u(in)", path: "u(in)"),
          node("u(name:a)", statePlace: "u(in)", path: "u(in)"))
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
      for words in ["could belong to", "run the program once without the others", "forgettingState: [\"u("] {
        #expect(refusals.first?.contains(words) == true, "\(refusals)")
      }
      let forgetting = Set(old.operators.map(\.id).filter { !$0.hasPrefix("name:") })
      #expect(old.compare(to: new, forgetting: forgetting).refusals.isEmpty)
    }
  }

  @Test func `Operators that types, names or paths distinguish are not refused`() {
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

  @Test func `An operator with a new name and another type is refused for its type`() {
    let new = program(node("name:totals", place: "u(in)", path: "u(in)", state: "text"))
    let refusals = program(node("u(in)")).compare(to: new).refusals
    #expect(refusals.count == 1)
    #expect(refusals[0].contains("the type of its state was raw Swift.Int 8/8 and is text"))
  }

  @Test func `Names of stateless streams distinguish operators that are given names of their own`() {
    func at(_ name: String) -> ProgramFingerprint.Operator {
      node("u(name:\(name))", statePlace: "u(in)", path: "u(in)")
    }
    let old = program(at("a"), at("b"))
    let named = node("name:totals", place: "u(name:a)", statePlace: "u(in)", path: "u(in)")
    #expect(old.succession(to: program(named, at("b"))) == StateSuccession(formerIDs: ["name:totals": "u(name:a)"]))
    #expect(old.succession(to: program(at("b"), at("a"))) == StateSuccession())
    #expect(old.compare(to: program(at("a"), at("b"), at("c"))).refusals.isEmpty)
    // Another name is another stream. Without a name it is the former one.
    #expect(program(at("a")).compare(to: program(at("c"))).refusals.count == 1)
    #expect(
      program(at("a")).succession(to: program(node("u(in)"))) == StateSuccession(formerIDs: ["u(in)": "u(name:a)"]))
    // Either could be meant.
    #expect(old.compare(to: program(at("a"), at("c"))).refusals.count == 1)
  }

  @Test func `An input that gets or loses a name continues, unless it is ambiguous`() {
    func program(_ inputs: [(String, String)]) -> ProgramFingerprint {
      var program = fingerprint(inputs: [])
      program.inputs = inputs.map { .init(id: $0, site: "App/main.swift:1", place: $1) }
      return program
    }
    let tables: [([(String, String)], [(String, String)], [String: String])] = [
      ([("in", "in")], [("name:a", "in")], ["name:a": "in"]),
      ([("name:a", "in")], [("in", "in")], ["in": "name:a"]),
      ([("name:a", "in")], [("name:b", "in")], ["name:b": "name:a"]),
      ([("name:a", "in")], [("name:a", "out")], [:]),
      ([("in", "in")], [("name:a", "out")], [:]),
      ([("in", "in")], [("name:a", "in"), ("name:b", "in")], [:]),
      ([("name:a", "in"), ("name:b", "in")], [("name:c", "in")], [:]),
      ([("in", "in")], [("in", "in"), ("name:a", "in")], [:]),
    ]
    for (old, new, expected) in tables {
      #expect(program(old).inputSuccession(to: program(new)) == expected, "\(old) \(new)")
      let goesOn = program(old).compare(to: program(new), unfinishedInputs: [old[0].0], isInUse: true)
      let isThere = new.contains { $0.0 == old[0].0 }
      #expect(goesOn.refusals.isEmpty == (isThere || !expected.isEmpty), "\(goesOn.refusals)")
    }
  }

  @Test func `The files of an input stay where they are, and no other finds them`() {
    let unnamed = fingerprint(inputs: ["in"])
    var named = fingerprint(inputs: [])
    named.inputs = [.init(id: "name:a", site: "", place: "in")]
    let second = named.succeeding(unnamed, epoch: 2, forgetting: [])
    #expect(second.inputs.map(\.filesID) == ["in"])
    let third = named.succeeding(second, epoch: 3, forgetting: [])
    #expect(third.inputs.map(\.filesID) == ["in"])
    var both = named
    both.inputs.append(.init(id: "in", site: ""))
    let fourth = both.succeeding(third, epoch: 4, forgetting: [])
    #expect(fourth.inputs.map(\.filesID) == ["in", "in since 4"])
    #expect(both.succeeding(fourth, epoch: 5, forgetting: []).inputs.map(\.filesID) == ["in", "in since 4"])
  }
}
