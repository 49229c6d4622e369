import MartletCore
import Testing

@Suite(.timeLimit(.minutes(30))) struct WorkerPoolTests {
  private struct Failed: Error, Equatable {
    let task: Int
  }

  @Test func `the error of the failed task with the lowest number is thrown`() {
    let pool = WorkerPool(threads: 2)
    defer { pool.shutDown() }
    let condition = Condition()
    nonisolated(unsafe) var begun = 0
    let error = #expect(throws: Failed.self) {
      try pool.run(tasks: 2) { task in
        // Both run before either fails.
        condition.withLock {
          begun += 1
          condition.broadcast()
          while begun < 2 { condition.wait() }
        }
        throw Failed(task: task)
      }
    }
    #expect(error == Failed(task: 0))
  }

  @Test func `once a task has failed, no further one begins`() {
    let pool = WorkerPool(threads: 1)
    nonisolated(unsafe) var begun: [Int] = []
    let error = #expect(throws: Failed.self) {
      try pool.run(tasks: 5) { task in
        begun.append(task)
        if task == 2 { throw Failed(task: task) }
      }
    }
    #expect(error == Failed(task: 2))
    #expect(begun == [0, 1, 2])
  }

  @Test func `threads without a task work for a guest until its loans end, and tasks come first`() throws {
    let pool = WorkerPool(threads: 2)
    defer { pool.shutDown() }
    let condition = Condition()
    nonisolated(unsafe) var visits = 0
    pool.lend {
      condition.withLock {
        visits += 1
        condition.broadcast()
      }
      return false
    }
    condition.withLock { while visits < 3 { condition.wait() } }
    // Both tasks run at the same time: the guest has given the thread back.
    nonisolated(unsafe) var begun = 0
    try pool.run(tasks: 2) { _ in
      condition.withLock {
        begun += 1
        condition.broadcast()
        while begun < 2 { condition.wait() }
      }
    }
    #expect(begun == 2)
    pool.endLoan()
    // The thread may be in the guest still, but only once more.
    try pool.run(tasks: 2) { _ in }
    let before = condition.withLock { visits }
    try pool.run(tasks: 2) { _ in
      condition.withLock {
        begun += 1
        condition.broadcast()
        while begun < 4 { condition.wait() }
      }
    }
    #expect(condition.withLock { visits } <= before + 1)
  }
}
