import MartletCore
import MartletRDD
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(30))) struct AsyncActionTests {
  private let sc = MartletContext(master: "local[2]")

  @TaskLocal private static var tag = "none"

  @Test func `async code gets what an action gives, and task-local values are there`() async throws {
    let numbers = sc.range(0, 100)
    let total = try await numbers.async { try $0.reduce(+) }
    let letters = try await sc.async { [sc] in try sc.parallelize(["a", "b"]).collect() }
    #expect(total == 4950 && letters == ["a", "b"])
    #expect(try await numbers.countAsync() == 100)
    #expect(try await numbers.collectAsync() == Array(0..<100))
    #expect(try await numbers.takeAsync(3) == [0, 1, 2])
    let sum = Atomic(0)
    try await numbers.foreachAsync { sum.add($0, ordering: .relaxed) }
    try await numbers.foreachPartitionAsync { part in
      for number in part { sum.add(number, ordering: .relaxed) }
    }
    #expect(sum.load(ordering: .relaxed) == 2 * 4950)
    let tag = try await Self.$tag.withValue("here") { try await numbers.async { _ in Self.tag } }
    #expect(tag == "here")
  }

  @Test func `actions of async code block none of Swift's own threads, however many wait`() async throws {
    let barrier = Barrier(64)
    let sums = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<64 {
        group.addTask { [sc] in
          try await sc.async {
            barrier.arrive()
            return try sc.parallelize([number, 1]).sum()
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(sums.sorted() == Array(1...64))
  }

  @Test(arguments: ["result", "shuffle", "sort"])
  func `a cancelled task ends its jobs, in whatever stage they are`(stage: String) async throws {
    let hasBegun = Atomic(false)
    let endless = sc.range(0, .max, numSlices: 2).filter { _ in
      hasBegun.store(true, ordering: .relaxed)
      return false
    }
    let task = Task {
      try await endless.async {
        switch stage {
        case "result": try $0.count()
        case "shuffle": try $0.map { ($0 % 10, 1) }.reduceByKey(+).count()
        default: try $0.sortBy { $0 }.count()
        }
      }
    }
    while !hasBegun.load(ordering: .relaxed) { await Task.yield() }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try sc.range(0, 10).count() == 10, "the context goes on")
  }

  @Test(arguments: ["flatMap", "mapPartitions", "cartesian", "join"])
  func `a cancelled task ends a job that makes endlessly many elements of a few`(operation: String) async throws {
    let hasBegun = Atomic(false)
    let few = sc.range(0, 2, numSlices: 2)
    let many = sc.range(0, 100_000, numSlices: 1)
    let task = Task {
      try await sc.async {
        let made =
          switch operation {
          case "flatMap": few.flatMap { _ in 0..<Int.max }
          case "mapPartitions": few.mapPartitions { _ in 0..<Int.max }
          case "cartesian": many.cartesian(many).map { $0 &+ $1 }
          default: many.map { (0, $0) }.join(many.map { (0, $0) }, 1).map { $1.0 &+ $1.1 }
          }
        return try made.filter { _ in
          hasBegun.store(true, ordering: .relaxed)
          return false
        }.count()
      }
    }
    while !hasBegun.load(ordering: .relaxed) { await Task.yield() }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try sc.range(0, 10).count() == 10, "the context goes on")
  }

  @Test func `a task that is cancelled already runs nothing`() async {
    let task = Task { [sc] in
      withUnsafeCurrentTask { $0?.cancel() }
      return try await sc.async { try sc.range(0, 10).count() }
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func `an async action inside a task is refused`() async {
    let numbers = sc.range(0, 10)
    let error = await #expect(throws: MartletError.self) {
      try await numbers.async { numbers in try numbers.foreach { _ in _ = try await numbers.countAsync() } }
    }
    #expect(error?.code == .nestedAction)
  }

  @Test func `errors of async actions are those of the actions, at the line of the call`() async {
    let error = await #expect(throws: MartletError.self) {
      try await sc.parallelize([Int]()).async { try $0.first() }
    }
    #expect(error?.code == .emptyCollection)
    #expect(error?.message.hasPrefix("first at MartletRDDTests/AsyncActionTests.swift:") == true)
  }
}

/// Threads that wait for each other.
private final class Barrier: Sendable {
  private let condition = Condition()
  private let missing: Mutex<Int>

  init(_ count: Int) { missing = Mutex(count) }

  func arrive() {
    condition.withLock {
      missing.withLock { $0 -= 1 }
      condition.broadcast()
      while missing.withLock({ $0 > 0 }) { condition.wait() }
    }
  }
}
