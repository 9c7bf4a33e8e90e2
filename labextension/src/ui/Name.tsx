/** A name that may be long, broken between its words where it must be. */

import { Fragment, type ReactElement } from "react";

const AFTER_WORD = /(?<=[_./:-])(?=[^_./:-])/;

export function Name({ text }: { text: string }): ReactElement {
  const words = text.split(AFTER_WORD);
  return (
    <>
      {words.map((word, index) => (
        <Fragment key={index}>
          {index > 0 && <wbr />}
          {word}
        </Fragment>
      ))}
    </>
  );
}
