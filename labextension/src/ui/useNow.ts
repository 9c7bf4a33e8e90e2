/** The time, for what grows older on the screen. */

import { useEffect, useState } from "react";

/** Return the time in milliseconds since the epoch; the component is shown again every `interval`. */
export function useNow(interval: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), interval);
    return () => clearInterval(timer);
  }, [interval]);
  return now;
}
