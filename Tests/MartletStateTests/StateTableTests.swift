import MartletCore
import MartletState
import TestSupport
import Testing

@Suite struct StateTableTests {
  @Test(arguments: [1, 8, 100, 8192]) func `A table of any sub-table size has the contents of a dictionary`(
    limit: Int
  ) throws {
    var random = TestRandom(seed: UInt64(limit))
    var table = StateTable<Int, Int>(limit: limit)
    var model: [Int: Int] = [:]
    for step in 0..<20_000 {
      // More keys are added than removed at first, later the reverse.
      let key = Int.random(in: 0..<3000, using: &random)
      if Int.random(in: 0..<100, using: &random) < (step < 10_000 ? 70 : 30) {
        try table.put(key, step)
        model[key] = step
      } else {
        #expect(try table.remove(key) == (model.removeValue(forKey: key) != nil))
      }
      if step % 500 == 0 { #expect(contents(table) == model) }
    }
    #expect(contents(table) == model)
    for key in 0..<3000 { #expect(table.get(key) == model[key]) }
    for key in model.keys { try table.remove(key) }
    #expect(table.count == 0 && contents(table).isEmpty)
  }

  @Test(arguments: [nil, 1_000_000]) func `Sub-tables in pages of their own hold all keys as they grow and shrink`(
    timeout: Int64?
  ) throws {
    for limit in [8192, 1 << 20] {
      var table = StateTable<Int, Int>(timeout: timeout, limit: limit)
      let count = 50_000
      for key in 0..<count { try table.put(key, key) }
      #expect((table.tableCount == 1) == (limit > count))
      #expect(table[0].capacity * MemoryLayout<(Int, Int)>.stride > StateMemory.pagedBytes)
      for key in 0..<count where key % 100 != 0 { try table.remove(key) }
      #expect(table[0].capacity * MemoryLayout<(Int, Int)>.stride < StateMemory.pagedBytes)
      #expect((0..<count).allSatisfy { table.get($0) == ($0 % 100 == 0 ? $0 : nil) })
      for key in 0..<count { try table.put(key, -key) }
      #expect((0..<count).allSatisfy { table.get($0) == -$0 })
    }
  }

  @Test(arguments: [0, 64, 65, 1000, 100_000]) func `Capacity for keys affects only the splits of a table`(
    expected: Int
  ) throws {
    var table = StateTable<Int, Int>(timeout: 1000, limit: 64)
    table.reserve(expected)
    #expect(table.tableCount * 64 >= expected && (table.tableCount == 1) == (expected <= 64))
    for key in 0..<2000 { try table.put(key, key) }
    let count = table.tableCount
    table.reserve(1_000_000)
    #expect(table.tableCount == count && table.count == 2000)
    #expect((0..<2000).allSatisfy { table.get($0) == $0 } && table.get(2000) == nil)
    for key in 0..<2000 { try table.remove(key) }
    #expect(table.count == 0 && contents(table).isEmpty)
  }

  @Test func `Texts outside the inline form are found by their contents`() throws {
    var table = StateTable<Text, Text>(limit: 32)
    for round in 0..<3 {
      for i in 0..<1000 { try table.put(Text("a key of some length: \(i)"), Text("a state of round \(round), \(i)")) }
    }
    #expect(table.count == 1000)
    #expect(
      (0..<1000).allSatisfy { table.get(Text("a key of some length: \($0)")) == Text("a state of round 2, \($0)") })
  }

  @Test func `Keys with equal hashes are slow, and otherwise correct`() throws {
    var table = StateTable<Clumsy, Int>(limit: 4)
    for i in 0..<300 { try table.put(Clumsy(i), i) }
    for i in 0..<300 where i % 3 == 0 { try table.remove(Clumsy(i)) }
    #expect(table.count == 200)
    #expect((0..<300).allSatisfy { table.get(Clumsy($0)) == ($0 % 3 == 0 ? nil : $0) })
  }

  @Test func `updateEach shows each pair of a key the result of the one before`() throws {
    var table = StateTable<Int, [Int]>(limit: 8)
    try update(&table, (0..<500).map { ($0 % 100, $0) }) { _, value, state in .set((state ?? []) + [value]) }
    #expect(table.count == 100)
    #expect(table.get(7) == [7, 107, 207, 307, 407])
    try update(&table, [(7, 0), (7, 1)]) { _, value, state in state == nil ? .set([value]) : .removed }
    #expect(table.get(7) == [1])
  }

  @Test func `updateAll calls its closure once for each key, whatever is removed meanwhile`() throws {
    for limit in [4, 64, 8192] {
      var table = StateTable<Int, Int>(limit: limit)
      for key in 0..<1000 { try table.put(key, key) }
      var seen: [Int: Int] = [:]
      let input = (0..<2000).filter { $0 % 4 == 0 }.map { ($0, 1) }
      let source = UnsafeMutablePointer<(Int, Int)>.allocate(capacity: input.count)
      defer { source.deallocate() }
      source.initialize(from: input, count: input.count)
      try table.updateAll(source, input.count, absent: 0) { key, value, state in
        seen[key.pointee, default: 0] += 1
        #expect((state == nil) == (key.pointee >= 1000) && (value == 1) == (key.pointee % 4 == 0))
        return key.pointee % 3 == 0 ? .removed : .set((state ?? 0) + value)
      }
      #expect(seen.count == 1250 && seen.values.allSatisfy { $0 == 1 })
      let expected = (0..<2000).filter { ($0 < 1000 || $0 % 4 == 0) && $0 % 3 != 0 }
        .map { ($0, ($0 < 1000 ? $0 : 0) + ($0 % 4 == 0 ? 1 : 0)) }
      #expect(contents(table) == Dictionary(uniqueKeysWithValues: expected))
    }
  }

  @Test func `A closure that throws leaves a consistent table and releases all pairs`() throws {
    var table = StateTable<Text, [Tracked]>(limit: 8)
    let alive = Counter()
    do {
      try update(&table, (0..<200).map { (Text("a key of some length: \($0)"), Tracked(alive)) }) { _, value, state in
        if value.number == 150 { throw Refusal() }
        return .set((state ?? []) + [value])
      }
      Issue.record("nothing was thrown")
    } catch is Refusal {}
    #expect(table.count == contents(table).count)
    table = StateTable(limit: 8)
    #expect(alive.count == 0)
  }

  @Test func `Keys expire when they have been unused for long enough, and cost nothing before`() throws {
    var random = TestRandom(seed: 3)
    let timeout: Int64 = 50
    var table = StateTable<Int, Int>(timeout: timeout, limit: 16)
    var model: [Int: Int64] = [:]
    for time in Int64(1)...400 {
      table.begin(time)
      let keys = (0..<20).map { _ in Int.random(in: 0..<500, using: &random) }
      try update(&table, keys.map { ($0, 0) }) { key, _, state in
        state == nil ? .set(key.pointee) : key.pointee % 7 == 0 ? .removed : .touched
      }
      for key in keys {
        if model[key] != nil && key % 7 == 0 { model[key] = nil } else { model[key] = time }
      }
      var expired: Set<Int> = []
      try table.expire(before: time - timeout) { key, state in
        #expect(key.pointee == state)
        #expect(expired.insert(key.pointee).inserted)
      }
      let due = model.filter { $0.value < time - timeout }.map(\.key)
      #expect(expired == Set(due))
      for key in due { model[key] = nil }
      #expect(contents(table).keys.sorted() == model.keys.sorted())
    }
  }

  @Test func `Keys that come and go do not accumulate among those that may expire`() throws {
    var table = StateTable<Int, Int>(timeout: 1_000_000, limit: 64)
    for time in Int64(1)...200 {
      table.begin(time)
      try update(&table, (0..<100).map { ($0, 0) }) { _, _, state in state == nil ? .set(1) : .removed }
      try table.expire(before: time - 1_000_000) { _, _ in Issue.record("nothing is due") }
      #expect((table.touches?.count ?? 0) <= 2 * table.count + 1024)
    }
  }

  @Test func `An emptied table releases its memory`() throws {
    var table = StateTable<Int, Int>(limit: 8192)
    for key in 0..<8000 { try table.put(key, key) }
    for key in 0..<7990 { try table.remove(key) }
    #expect(table[0].capacity < 100)
    #expect((7990..<8000).allSatisfy { table.get($0) == $0 })
  }

  @Test func `No text in a table keeps its input alive`() throws {
    var table = StateTable<Pair<Text, Int>, [(Text, Text?)]>()
    weak var input: TextBuffer?
    do {
      let bytes = Array(String(repeating: "0123456789abcdef", count: 1000).utf8)
      let buffer = TextBuffer(copying: bytes, count: bytes.count)
      input = buffer
      for i in 0..<10 {
        let text = Text(buffer.base + i * 20, count: 20, in: buffer)
        try table.put(Pair(text, i), [(text, text), (text, nil)])
        try table.put(Pair(text, i), [(text, nil), (text, text)])
      }
    }
    #expect(table.count == 10)
    #expect(input == nil)
  }
}

/// Calls `updateEach` with copies of the pairs.
private func update<Key: Hashable, Value, State>(
  _ table: inout StateTable<Key, State>, _ pairs: [(Key, Value)],
  _ body: (UnsafePointer<Key>, Value, State?) throws -> StateChange<State>
) throws {
  let source = UnsafeMutablePointer<(Key, Value)>.allocate(capacity: pairs.count)
  defer { source.deallocate() }
  source.initialize(from: pairs, count: pairs.count)
  try table.updateEach(source, pairs.count, body)
}

private func contents<Key: Hashable, State>(_ table: borrowing StateTable<Key, State>) -> [Key: State] {
  var all: [Key: State] = [:]
  for number in 0..<table.tableCount {
    for i in 0..<table[number].count {
      let (key, state) = table[number].entries[i]
      #expect(all.updateValue(state, forKey: key) == nil)
    }
  }
  return all
}

private struct Clumsy: Hashable {
  let number: Int
  init(_ number: Int) { self.number = number }
  func hash(into hasher: inout Hasher) {}
}

private struct Refusal: Error {}

private final class Counter {
  var count = 0
  var made = 0
}

private final class Tracked {
  let number: Int
  let counter: Counter

  init(_ counter: Counter) {
    self.counter = counter
    number = counter.made
    counter.made += 1
    counter.count += 1
  }

  deinit { counter.count -= 1 }
}
