public import MoteBytes
import MoteHub
public import MoteJournal
import MoteMQTT

extension DeviceClient {
  /// Restores the messages of a journal, and keeps those at least once from now on: after ``use(_:)``, before connecting
  /// and sending. How many were restored. Unsafe, because the journal must stay where it is as long as the client is used,
  /// which the compiler cannot see. A journal of another device's messages is none: they would be refused.
  @unsafe public mutating func use(_ journal: UnsafeMutablePointer<Journal>, now: UInt64)
    throws(Failure) -> Int
  {
    unsafe journal.pointee.belong(to: identity.device)
    return try unsafe Journal.restore(journal, to: &session, now: now)
  }
}
