import MartletCore
import Synchronization
import TestSupport
import Testing

@testable import MartletRDD

@Suite(.timeLimit(.minutes(30))) struct EventBusTests {
  /// Holds up whoever delivers events to it, until it is let go.
  private final class Blocker: @unchecked Sendable {
    // Sendable: `condition` guards the variables.
    private let condition = Condition()
    private var isOpen = false
    private var isCalled = false
    private var all: [any MartletEvent] = []

    var events: [any MartletEvent] { condition.withLock { all } }
    var numbers: [Int] { events.compactMap { ($0 as? Numbered)?.number } }

    func open() {
      condition.withLock {
        isOpen = true
        condition.broadcast()
      }
    }

    /// Returns when somebody is held up.
    func waitUntilCalled() {
      condition.withLock {
        while !isCalled { condition.wait() }
      }
    }

    func receive(_ events: [any MartletEvent]) {
      condition.withLock {
        isCalled = true
        condition.broadcast()
        while !isOpen { condition.wait() }
        all += events
      }
    }
  }

  private final class Flag: Sendable { let isSet = Atomic(false) }

  private struct Numbered: MartletEvent {
    var time = Time(milliseconds: 0)
    var number: Int
  }

  @Test func `events that a listener is too slow for are dropped, and the log and an event say how many`() {
    let log = RecordedLog()
    let bus = EventBus(logger: log.logger, capacity: 100)
    let blocker = Blocker()
    bus.subscribe { blocker.receive($0) }
    for n in 1...500 {
      bus.post(Numbered(number: n))
      // It takes some away with the first one, whose room is free again then.
      if n == 1 { blocker.waitUntilCalled() }
    }
    blocker.open()
    bus.waitUntilDelivered()
    bus.post(Numbered(number: 501))
    bus.close(before: .now + .seconds(60))
    let numbers = blocker.numbers
    #expect((101...117).contains(numbers.count))
    #expect(numbers == Array(1...numbers.count - 1) + [501])
    let notes = blocker.events.compactMap { ($0 as? EventsDropped)?.count }
    #expect(notes == [501 - numbers.count])
    #expect(log.messages.count == 2)
    #expect(log.messages.last?.contains("\(500 - numbers.count) events") == true, "\(log.messages)")
  }

  @Test func `a listener that never returns does not keep the bus from closing`() {
    let log = RecordedLog()
    let bus = EventBus(logger: log.logger)
    let blocker = Blocker()
    bus.subscribe { blocker.receive($0) }
    for n in 0..<20 { bus.post(Numbered(number: n)) }
    bus.close(before: .now + .milliseconds(20))
    #expect(log.messages.count == 1)
    blocker.open()
  }

  @Test func `an event that nobody listens to is not made`() {
    let bus = EventBus(logger: RecordedLog().logger)
    var made = 0
    func event() -> Numbered {
      made += 1
      return Numbered(number: made)
    }
    bus.post(event())
    let subscription = bus.subscribe { _ in }
    bus.post(event())
    bus.unsubscribe(subscription)
    bus.post(event())
    bus.subscribe { _ in }
    bus.close(before: .now + .seconds(60))
    bus.post(event())
    #expect(made == 1)
  }

  @Test func `a subscriber with a scope gets the events of that alone`() {
    let bus = EventBus(logger: RecordedLog().logger)
    let (first, second) = (EventSource(bus), EventSource(bus))
    let own = Mutex<[Int]>([])
    let all = Mutex<[Int]>([])
    bus.subscribe(first.scope) { events in own.withLock { $0 += events.compactMap { ($0 as? Numbered)?.number } } }
    bus.subscribe { events in all.withLock { $0 += events.compactMap { ($0 as? Numbered)?.number } } }
    first.post(Numbered(number: 1))
    second.post(Numbered(number: 2))
    bus.post(Numbered(number: 3))
    first.post(Numbered(number: 4))
    bus.waitUntilDelivered()
    #expect(own.withLock { $0 } == [1, 4])
    #expect(all.withLock { $0 } == [1, 2, 3, 4])
    bus.close(before: .now + .seconds(60))
  }

  @Test func `a subscriber may close the bus`() {
    let bus = EventBus(logger: RecordedLog().logger)
    let isClosed = Mutex(false)
    bus.subscribe { _ in
      bus.close(before: .now + .seconds(600))
      isClosed.withLock { $0 = true }
    }
    bus.post(Numbered(number: 1))
    bus.waitUntilDelivered()
    #expect(isClosed.withLock { $0 })
  }

  @Test func `a task that a listener starts waits for the events that are left, as others do`() async {
    let log = RecordedLog()
    let bus = EventBus(logger: log.logger)
    let blocker = Blocker()
    let (closing, closed) = (Flag(), Flag())
    bus.subscribe { events in
      if !closing.isSet.exchange(true, ordering: .relaxed) {
        Task {
          bus.close(before: .now + .seconds(600))
          closed.isSet.store(true, ordering: .releasing)
        }
        // Time for the task to drop what is left, if it does not wait.
        for _ in 0..<1_000_000 where closed.isSet.load(ordering: .acquiring) { break }
      }
      blocker.receive(events)
    }
    blocker.open()
    for n in 1...500 { bus.post(Numbered(number: n)) }
    while !closed.isSet.load(ordering: .acquiring) { await Task.yield() }
    #expect(blocker.numbers == Array(1...500) && log.messages.isEmpty)
  }
}
