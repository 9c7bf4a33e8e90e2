/** The signs, drawn for 16 by 16 pixels in the colour of the text around them. */

import type { ReactElement, ReactNode } from "react";

function sign(shape: ReactNode): ReactElement {
  return (
    <svg
      className="jt-Icon"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {shape}
    </svg>
  );
}

export const checkIcon = sign(<path d="M3.5 8.5 6.5 11.5 12.5 4.5" strokeWidth="2" />);
export const crossIcon = sign(<path d="M4 4 12 12M12 4 4 12" strokeWidth="2" />);
export const unequalIcon = sign(<path d="M3 6H13M3 10H13M10.5 3 5.5 13" strokeWidth="1.75" />);
export const squareIcon = sign(
  <rect x="4.5" y="4.5" width="7" height="7" rx="1" fill="currentColor" />,
);
export const clockIcon = sign(
  <>
    <circle cx="8" cy="8" r="5.5" />
    <path d="M8 5V8L10 9.5" />
  </>,
);
export const runningIcon = sign(
  <>
    <circle cx="8" cy="8" r="5.5" opacity="0.25" strokeWidth="2" />
    <path className="jt-Spinner" d="M8 2.5A5.5 5.5 0 0 1 13.5 8" strokeWidth="2" />
  </>,
);
export const chevronIcon = sign(<path d="M6 4 10 8 6 12" />);
export const backIcon = sign(<path d="M9.5 3.5 5 8 9.5 12.5" />);
export const refreshIcon = sign(
  <>
    <path d="M12.9 6.5A5.25 5.25 0 1 0 13.25 8.5" />
    <path d="M13.25 3.25V6.5H10" />
  </>,
);
export const closeIcon = sign(<path d="M4.5 4.5 11.5 11.5M11.5 4.5 4.5 11.5" />);
export const folderIcon = sign(
  <path d="M2 4.5V12A1 1 0 0 0 3 13H13A1 1 0 0 0 14 12V6.5A1 1 0 0 0 13 5.5H8L6.5 3.5H3A1 1 0 0 0 2 4.5Z" />,
);
export const fileIcon = sign(
  <>
    <path d="M4 2.5H9.5L12.5 5.5V13.5H4Z" />
    <path d="M9.25 2.75V5.75H12.25" />
  </>,
);
export const notebookIcon = sign(
  <>
    <rect x="3.5" y="2.5" width="9" height="11" rx="1" />
    <path d="M6 2.5V13.5" />
  </>,
);
export const modelIcon = sign(
  <>
    <path d="M8 2 13.5 5V11L8 14 2.5 11V5Z" />
    <path d="M2.5 5 8 8 13.5 5M8 8V14" />
  </>,
);
export const copyIcon = sign(
  <>
    <rect x="5.5" y="5.5" width="8" height="8" rx="1" />
    <path d="M3 10.5H2.5V2.5H10.5V3" />
  </>,
);
export const plusIcon = sign(<path d="M8 3.5V12.5M3.5 8H12.5" />);
export const warningIcon = sign(
  <>
    <path d="M8 2.5 14 13H2Z" />
    <path d="M8 6.5V9.5M8 11.25V11.3" />
  </>,
);
export const restoreIcon = sign(
  <>
    <path d="M3.5 5.5A5.25 5.25 0 1 1 2.75 9" />
    <path d="M3.25 2.25V5.75H6.75" />
  </>,
);
